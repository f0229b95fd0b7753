import type { RawData, WebSocket as Socket } from "ws";
import { idAsSent, readTextFrame } from "../protocol/serverMessages.js";
import { LinkError, type LinkListener, type LinkProblem, type Wire } from "./link.js";
import { problemOf, problemOfStatus } from "./linkErrors.js";
import type { MainServer } from "./server.js";
import { handshakeLimit, longestFrame, type WireOptions } from "./wireOptions.js";

/** Opens the plain WebSocket of the document: `/proxy?proxyId=…&apiKey=…`, JSON text frames. */
export async function openPlainWebSocket(
  server: MainServer,
  { ca, proxy, heartbeat }: WireOptions,
  listener: LinkListener,
  signal: AbortSignal,
): Promise<Wire> {
  const { HttpsProxyAgent, WebSocket } = await import("./transportLibraries.js");
  const socket = new WebSocket(addressOf(server), {
    ...(ca && { ca }),
    ...(proxy && { agent: new HttpsProxyAgent(proxy) }),
    // Said here too, so that no variable of the environment turns it off.
    rejectUnauthorized: true,
    handshakeTimeout: handshakeLimit,
    maxPayload: longestFrame,
    perMessageDeflate: false,
    followRedirects: false,
  });
  // Before it is open: the server may speak at once.
  socket.on("message", (data, isBinary) => hear(data, isBinary, listener));
  // As early: the end may come with the beginning.
  const closed = new Promise<LinkProblem>((resolve) => {
    socket.once("close", () => resolve("closed"));
    socket.once("open", () => watch(socket, heartbeat, () => resolve("went-silent")));
  });
  await opened(socket, signal);
  return {
    closed,
    send: (id, result) =>
      new Promise((resolve, reject) => {
        const text = JSON.stringify({ event: "command_result", data: { commandId: idAsSent(id), result } });
        socket.send(text, (error) => (error ? reject(error) : resolve()));
      }),
    close: () => {
      socket.close(1000);
      // A server that does not answer the goodbye is left alone.
      setTimeout(() => socket.terminate(), 1_000).unref();
    },
  };
}

function addressOf({ url, proxyId, apiKey }: MainServer): string {
  const address = new URL(url);
  address.protocol = url.protocol === "https:" || url.protocol === "wss:" ? "wss:" : "ws:";
  address.pathname = `${url.pathname.replace(/\/$/, "")}/proxy`;
  address.search = new URLSearchParams({ proxyId, apiKey }).toString();
  return address.href;
}

function hear(data: RawData, isBinary: boolean, listener: LinkListener): void {
  const frame = isBinary ? undefined : readTextFrame((data as Buffer).toString("utf8"));
  if (frame) listener.onEvent(frame.event, frame.data);
  else listener.onNoise();
}

async function opened(socket: Socket, signal: AbortSignal): Promise<void> {
  const onAbort = (): void => socket.terminate();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("unexpected-response", (request, response) => {
        request.destroy();
        reject(new LinkError(problemOfStatus(response.statusCode ?? 0)));
      });
      // Never removed: an `error` event without a listener would crash the extension host.
      socket.on("error", (error) => {
        const late = error.message.includes("handshake has timed out");
        reject(new LinkError(late ? "timed-out" : problemOf(error)));
      });
    });
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** Heartbeat: drops a connection whose other side does not answer, which TCP alone would not notice for hours. */
function watch(socket: Socket, interval: number, onSilence: () => void): void {
  let alive = true;
  socket.on("pong", () => (alive = true));
  socket.on("message", () => (alive = true));
  const timer = setInterval(() => {
    if (!alive) {
      onSilence();
      socket.terminate();
      return;
    }
    alive = false;
    socket.ping();
  }, interval);
  socket.once("close", () => clearInterval(timer));
}
