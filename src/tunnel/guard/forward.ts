import {
  type ClientRequest,
  type IncomingMessage,
  request as httpRequest,
  type ServerResponse,
} from "node:http";
import { answerHeaders, requestHeaders } from "./headers.js";
import type { Way } from "./way.js";

/** Bytes of an answer's head. */
const mostOfHead = 64 * 1024;

/**
 * Forwards one request, written anew from what the parser understood, and its answer, as they come. What is cut on either
 * side is cut on the other: a cut answer must not look whole.
 */
export function forward(request: IncomingMessage, response: ServerResponse, way: Way, path: string): void {
  const cut = (): void => void request.socket.resetAndDestroy();
  const outgoing = ask(request, way, path);
  if (!outgoing) return cut();
  way.underWay += 1;
  response.once("close", () => {
    way.underWay -= 1;
    if (!response.writableFinished) outgoing.destroy();
  });
  outgoing.once("response", (incoming) => passAnswer(incoming, response, outgoing, way, cut));
  outgoing.on("error", () => {
    if (!response.writableEnded) cut();
  });
  // Without an answer, or with one that nobody asked for, such as another protocol.
  outgoing.once("close", () => {
    if (!response.headersSent) cut();
  });
  request.once("error", () => outgoing.destroy());
  if (hasBody(request)) request.pipe(outgoing);
  else outgoing.end();
}

/** @returns undefined where it cannot be asked so. */
export function ask(
  request: IncomingMessage,
  way: Way,
  path: string,
  also: readonly string[] = [],
): ClientRequest | undefined {
  const headers = [...requestHeaders(request.rawHeaders, way.mark), ...also];
  // Node would send the body of a GET without saying that there is one.
  if (request.headers["transfer-encoding"] !== undefined) headers.push("Transfer-Encoding", "chunked");
  try {
    return httpRequest({
      agent: way,
      method: request.method,
      path,
      headers,
      maxHeaderSize: mostOfHead,
    });
  } catch {
    return undefined;
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || headers["content-length"] !== undefined;
}

/** @param cut resets the local connection. */
export function passAnswer(
  incoming: IncomingMessage,
  response: ServerResponse,
  outgoing: ClientRequest,
  { carrier, mark }: Way,
  cut: () => void,
): void {
  response.sendDate = false;
  if (!outgoing.shouldKeepAlive) response.shouldKeepAlive = false;
  try {
    response.writeHead(
      incoming.statusCode ?? 502,
      incoming.statusMessage,
      answerHeaders(incoming.rawHeaders, mark),
    );
  } catch {
    return cut();
  }
  incoming.pipe(response, { end: false });
  incoming.once("end", () => {
    if (endIsWritten(incoming, outgoing)) response.end();
    else void carrier.isEndReal().then((isReal) => (isReal ? response.end() : cut()));
  });
  incoming.once("close", () => {
    if (!incoming.complete) cut();
  });
  incoming.on("error", cut);
  // The head of an answer whose body takes its time, such as a stream of events, does not wait for it.
  setImmediate(() => {
    if (!response.writableEnded && !response.destroyed) response.flushHeaders();
  });
}

/** Whether the answer itself says where it ends, or that end of the stream does (RFC 9112, section 6.3). */
function endIsWritten({ headers, statusCode = 0 }: IncomingMessage, { method }: ClientRequest): boolean {
  return (
    headers["content-length"] !== undefined ||
    headers["transfer-encoding"] !== undefined ||
    method === "HEAD" ||
    statusCode === 204 ||
    statusCode === 304
  );
}
