import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { errorCodeOf } from "../../common/files/errorCode.js";

/** Milliseconds for the client to read the response before the socket is destroyed; its input is discarded. */
const lingering = 1_000;

interface Answer {
  readonly status: string;
  /** The `error` field of version 0.5. */
  readonly error: string;
}

const malformed: Answer = { status: "400 Bad Request", error: "invalid_parameters" };
const expectation: Answer = { status: "417 Expectation Failed", error: "invalid_parameters" };
/** By the error code of Node's parser. */
const answers: Readonly<Partial<Record<string, Answer>>> = {
  HPE_HEADER_OVERFLOW: { status: "431 Request Header Fields Too Large", error: "request_too_long" },
  ERR_HTTP_REQUEST_TIMEOUT: { status: "408 Request Timeout", error: "request_timeout" },
};

/** Answers requests that Node cannot parse, in JSON with the fields of every version. */
export function answerUnreadable(server: Server): void {
  const underWay = new WeakMap<Duplex, Set<ServerResponse>>();
  const note = ({ socket }: IncomingMessage, response: ServerResponse): void => {
    const all = underWay.get(socket) ?? new Set();
    underWay.set(socket, all.add(response));
    response.once("close", () => all.delete(response));
  };
  server.on("request", note);
  // An `Expect` other than 100-continue: Node's own response would not be in `underWay`.
  server.on("checkExpectation", (request: IncomingMessage, response: ServerResponse) => {
    note(request, response);
    response.shouldKeepAlive = false;
    const body = bodyOf(expectation);
    const headers = { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) };
    response.writeHead(417, { ...headers, "Cache-Control": "no-store" }).end(body);
  });
  server.on("clientError", (error, socket) => {
    // Emitted again for every later chunk.
    if (socket.writableEnded) return;
    const code = errorCodeOf(error) ?? "";
    if (code === "ECONNRESET" || !socket.writable) return void socket.destroy();
    const last = [...(underWay.get(socket) ?? [])].at(-1);
    if (!last) end(socket, answers[code] ?? malformed);
    // A response now would land in the middle of an earlier one: close after that one without answering.
    else if (last.req.complete) endAfter(last, socket);
    else socket.destroy();
  });
}

function endAfter(response: ServerResponse, socket: Duplex): void {
  // Node closes the connection after this response anyway.
  if (!response.shouldKeepAlive) return;
  response.shouldKeepAlive = false;
  response.once("close", () => close(socket));
}

function bodyOf({ status, error }: Answer): string {
  const reason = status.slice(4);
  return JSON.stringify({ success: false, error, message: reason, details: {}, detail: reason });
}

function end(socket: Duplex, answer: Answer): void {
  const body = bodyOf(answer);
  const head = [
    `HTTP/1.1 ${answer.status}`,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Cache-Control: no-store",
    "Connection: close",
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n${body}`);
  close(socket);
}

/** Half-closes and lingers: closing with unread input would send a RST, which discards the response. */
function close(socket: Duplex): void {
  if (!socket.writableEnded) socket.end();
  const limit = setTimeout(() => socket.destroy(), lingering).unref();
  socket.once("close", () => clearTimeout(limit));
}
