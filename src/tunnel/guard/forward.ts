import type { IncomingMessage, ServerResponse } from "node:http";
import type { AnswerHead } from "./answerHead.js";
import { type AnswerListener, Exchange } from "./exchange.js";
import { answerHeaders, requestHeaders } from "./headers.js";
import type { UpstreamConnection } from "./upstreamConnection.js";

/**
 * Forwards one request, re-encoded from what the parser understood, and streams its response. An abort on either side
 * aborts the other: a truncated response must not look complete.
 */
export function forward(
  request: IncomingMessage,
  response: ServerResponse,
  upstream: UpstreamConnection,
  path: string,
): void {
  const head = requestHead(request, upstream, path, ["Connection", "keep-alive"]);
  if (head === undefined) return void request.socket.resetAndDestroy();
  const exchange: Exchange = new Exchange(request, head, false, {
    ...passAnswer(response, upstream, () => exchange.resume()),
    onSwitch: (_head, stream) => {
      // Nobody asked for another protocol.
      stream.destroy();
      request.socket.resetAndDestroy();
    },
  });
  upstream.underWay += 1;
  response.once("close", () => {
    upstream.underWay -= 1;
    if (!response.writableFinished) exchange.cut();
  });
  upstream.ask(exchange);
}

/**
 * @param connection headers about the stream to the viewer.
 * @returns undefined where it cannot be asked so.
 */
export function requestHead(
  request: IncomingMessage,
  upstream: UpstreamConnection,
  path: string,
  connection: readonly string[],
): string | undefined {
  const headers = requestHeaders(request.rawHeaders, upstream.mark);
  // Node would send the body of a GET without a header that announces it.
  if (request.headers["transfer-encoding"] !== undefined) headers.push("Transfer-Encoding", "chunked");
  headers.push(...connection);
  if (!/^[\x21-\xff]+$/.test(path) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(headers.join(""))) return undefined;
  return `${request.method} ${path} HTTP/1.1\r\n${headerLines(headers)}\r\n`;
}

/** @param headers names and values in turn. */
export function headerLines(headers: readonly string[]): string {
  let lines = "";
  for (let at = 0; at + 1 < headers.length; at += 2) lines += `${headers[at]}: ${headers[at + 1]}\r\n`;
  return lines;
}

/** @param resume lets more of the answer come. */
export function passAnswer(
  response: ServerResponse,
  { forwarder, mark }: UpstreamConnection,
  resume: () => void,
): Omit<AnswerListener, "onSwitch"> {
  const { socket } = response.req;
  const cut = (): void => void socket.resetAndDestroy();
  response.sendDate = false;
  response.on("drain", resume);
  const begin = ({ status, reason, rawHeaders }: AnswerHead, isLast: boolean): void => {
    if (isLast) response.shouldKeepAlive = false;
    response.writeHead(status, reason, answerHeaders(rawHeaders, mark));
  };
  return {
    onPart: (head, body) => {
      if (head) begin(head, !head.keepsStream);
      if (body) return response.write(body);
      // The head of an answer whose body takes its time, such as a stream of events, does not wait for it. `flushHeaders`
      // would write it in another encoding than it came.
      return response.write("", "latin1");
    },
    onEnd: ({ head, body, isWritten, isLast }) => {
      if (head) begin(head, isLast);
      if (isLast) response.once("finish", () => socket.destroySoon());
      if (isWritten) response.end(body);
      else void forwarder.isEndReal().then((isReal) => (isReal ? response.end() : cut()));
    },
    onCut: cut,
  };
}
