import { type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { ask, passAnswer } from "./forward.js";
import { answerHeaders } from "./headers.js";
import type { Upstream, Way } from "./way.js";

const upgradeHeaders = ["Connection", "Upgrade", "Upgrade", "websocket"];

/** Whether a request that wants another protocol wants the one that is forwarded here. */
export function isWebSocket({ method, headers }: IncomingMessage): boolean {
  return method === "GET" && headers.upgrade?.toLowerCase() === "websocket" && !hasBody(headers);
}

function hasBody(headers: IncomingMessage["headers"]): boolean {
  return headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
}

/**
 * Forwards a request for a WebSocket. Once the viewer has agreed, all bytes pass, both ways.
 * @param early what came behind the request already.
 */
export function forwardWebSocket(
  request: IncomingMessage,
  socket: Socket,
  early: Buffer,
  way: Way,
  path: string,
): void {
  const cut = (): void => void socket.resetAndDestroy();
  const outgoing = ask(request, way, path, upgradeHeaders);
  if (!outgoing) return cut();
  way.underWay += 1;
  socket.once("close", () => outgoing.destroy());
  outgoing.on("error", cut);
  outgoing.once("upgrade", (incoming, stream, first) => {
    outgoing.off("error", cut);
    const head = [`HTTP/1.1 101 ${incoming.statusMessage ?? ""}`];
    const headers = [...upgradeHeaders, ...answerHeaders(incoming.rawHeaders, way.mark)];
    for (let at = 0; at < headers.length; at += 2) head.push(`${headers[at]}: ${headers[at + 1]}`);
    socket.write(Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "latin1"), first]));
    stream.write(early);
    join(socket, stream, way.carrier);
  });
  outgoing.once("response", (incoming) => {
    const response = responseOn(request, socket);
    passAnswer(incoming, response, outgoing, way, cut);
  });
  outgoing.end();
}

/** An answer on a connection that Node has handed over; the connection ends with it. */
export function responseOn(request: IncomingMessage, socket: Socket): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once("finish", () => {
    response.detachSocket(socket);
    socket.end();
    socket.resume();
  });
  return response;
}

/** What the end of one side is, is the other's too; but the end of the way there is a reset. */
function join(socket: Socket, stream: Duplex, carrier: Upstream): void {
  let hasEnded = false;
  stream.on("error", () => undefined);
  stream.once("end", () => {
    hasEnded = true;
    void carrier.isEndReal().then((isReal) => (isReal ? socket.end() : socket.resetAndDestroy()));
  });
  stream.once("close", () => {
    if (!hasEnded) socket.resetAndDestroy();
  });
  socket.once("close", () => stream.destroy());
  if (socket.destroyed) stream.destroy();
  stream.pipe(socket, { end: false });
  socket.pipe(stream);
}
