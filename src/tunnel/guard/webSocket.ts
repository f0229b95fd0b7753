import { type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type AnswerListener, Exchange } from "./exchange.js";
import { headerLines, passAnswer, requestHead } from "./forward.js";
import { answerHeaders } from "./headers.js";
import type { Upstream, UpstreamConnection } from "./upstreamConnection.js";

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
  upstream: UpstreamConnection,
  path: string,
): void {
  const cut = (): void => void socket.resetAndDestroy();
  const head = requestHead(request, upstream, path, upgradeHeaders);
  if (head === undefined) return cut();
  let answer: Pick<AnswerListener, "onPart" | "onEnd"> | undefined;
  const answering = () =>
    (answer ??= passAnswer(responseOn(request, socket), upstream, () => exchange.resume()));
  const exchange: Exchange = new Exchange(request, head, true, {
    onPart: (head, body) => answering().onPart(head, body),
    onEnd: (end) => answering().onEnd(end),
    onSwitch: ({ reason, rawHeaders }, stream, first) => {
      const headers = headerLines([...upgradeHeaders, ...answerHeaders(rawHeaders, upstream.mark)]);
      const bytes = Buffer.from(`HTTP/1.1 101 ${reason}\r\n${headers}\r\n`, "latin1");
      socket.write(Buffer.concat([bytes, first]));
      stream.write(early);
      join(socket, stream, upstream.forwarder);
    },
    onCut: cut,
  });
  upstream.underWay += 1;
  socket.once("close", () => exchange.cut());
  upstream.ask(exchange);
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

/** An end on one side ends the other; a lost connection resets it. */
function join(socket: Socket, stream: Duplex, forwarder: Upstream): void {
  let hasEnded = false;
  stream.on("error", () => undefined);
  stream.once("end", () => {
    hasEnded = true;
    void forwarder.isEndReal().then((isReal) => (isReal ? socket.end() : socket.resetAndDestroy()));
  });
  stream.once("close", () => {
    if (!hasEnded) socket.resetAndDestroy();
  });
  socket.once("close", () => stream.destroy());
  if (socket.destroyed) stream.destroy();
  stream.pipe(socket, { end: false });
  socket.pipe(stream);
}
