import type { Socket } from "socket.io-client";
import { idAsSent, readEvent } from "../protocol/serverMessages.js";
import { LinkError, type LinkListener, type LinkProblem, type Wire } from "./link.js";
import { problemOf } from "./linkErrors.js";
import type { MainServer } from "./server.js";
import { handshakeLimit, longestFrame, type WireOptions } from "./wireOptions.js";

type Parameters = [
  server: MainServer,
  options: Pick<WireOptions, "ca" | "proxy">,
  listener: LinkListener,
  signal: AbortSignal,
];

/** Milliseconds in which a server may answer a result by a Socket.IO acknowledgement; most do so by an event only. */
const acknowledgementLimit = 30_000;

/** What a proxy on the way causes that lets no WebSocket through. */
const mayBeTheProxy: ReadonlySet<LinkProblem> = new Set(["not-a-relay-server", "closed", "unreachable"]);

/** Opens the Socket.IO connection of the document: namespace `/proxy`, query `proxyId` and `apiKey`. */
export async function openSocketIo(...parameters: Parameters): Promise<Wire> {
  try {
    return await openOver("websocket", ...parameters);
  } catch (error) {
    if (!(error instanceof LinkError && mayBeTheProxy.has(error.problem))) throw error;
    // A failed request of the other kind does not say why: the first reason is told.
    return await openOver("polling", ...parameters).catch(() => Promise.reject(error));
  }
}

async function openOver(
  transport: "websocket" | "polling",
  ...[server, { ca, proxy }, listener, signal]: Parameters
): Promise<Wire> {
  const { HttpsProxyAgent, io } = await import("./transportLibraries.js");
  const { url, proxyId, apiKey } = server;
  // What stands before `/proxy` is where the server is mounted; the namespace is the document's, wherever that is.
  const socket = io(`${url.origin.replace(/^ws/, "http")}/proxy`, {
    path: `${url.pathname.replace(/\/$/, "")}/socket.io/`,
    query: { proxyId, apiKey },
    transports: [transport],
    // When to try again is decided in one place for both transports.
    reconnection: false,
    forceNew: true,
    timeout: handshakeLimit,
    transportOptions: { websocket: { maxPayload: longestFrame } },
    // Said here too, so that no variable of the environment turns it off.
    rejectUnauthorized: true,
    ...(ca && { ca: ca.join("\n") }),
    // Its types know the agents of a browser only.
    ...(proxy && { agent: new HttpsProxyAgent(proxy) as unknown as string }),
  });
  socket.onAny((event: string, ...data: unknown[]) => listener.onEvent(event, data[0]));
  // Before it is open: the end may come with the beginning.
  const closed = new Promise<LinkProblem>((resolve) => {
    socket.once("disconnect", (reason) => {
      resolve(reason === "ping timeout" ? "went-silent" : "closed");
      socket.close();
    });
  });
  await opened(socket, signal);
  return {
    closed,
    send: (id, result) => {
      // Without a limit, each that a server never answers would be waited for as long as the connection lives.
      socket
        .timeout(acknowledgementLimit)
        .emit("command_result", { commandId: idAsSent(id), result }, (_error: unknown, answer?: unknown) => {
          // An empty one says that the event arrived, not that the result was received.
          const read = readEvent("command_result_received", answer);
          if (read.kind === "acknowledged") listener.onAcknowledged(id, read.success);
        });
      return Promise.resolve();
    },
    close: () => void socket.close(),
  };
}

function opened(socket: Socket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (problem: LinkProblem): void => {
      signal.removeEventListener("abort", onAbort);
      reject(new LinkError(problem));
      socket.close();
    };
    const onAbort = (): void => fail("closed");
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("connect", () => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    });
    socket.once("connect_error", (error) => {
      // What a middleware of the namespace refuses has no cause of the network's.
      if (error.message === "Invalid namespace") fail("not-a-relay-server");
      else if ("data" in error && !("type" in error)) fail("unauthorized");
      else fail(error.message === "timeout" ? "timed-out" : problemOf(error));
    });
  });
}
