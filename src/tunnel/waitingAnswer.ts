import type { Socket } from "node:net";

/** Seconds after which a browser asks again. */
const retryAfter = 2;
/** Milliseconds for the request to come; a client that says nothing is not kept. */
const requestLimit = 5_000;

/**
 * Answers HTTP with 503, `Retry-After` and a page that asks again by itself, so that browsers and frames recover
 * without anybody's help. Other protocols see it as an end.
 * @param html the page's body, already escaped.
 */
export function answerWithWaitingPage(html: () => string): (socket: Socket) => void {
  return (socket) => {
    const timer = setTimeout(() => socket.destroy(), requestLimit);
    socket.once("close", () => clearTimeout(timer));
    socket.once("data", () => {
      const body = Buffer.from(
        `<!DOCTYPE html><meta charset="utf-8"><meta http-equiv="refresh" content="${retryAfter}">${html()}`,
      );
      const head = [
        "HTTP/1.1 503 Service Unavailable",
        "Content-Type: text/html; charset=utf-8",
        `Content-Length: ${body.length}`,
        `Retry-After: ${retryAfter}`,
        "Cache-Control: no-store",
        "Connection: close",
      ];
      socket.end(Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), body]));
      // What else the client has to say is of no interest, but unread it would make the end a reset.
      socket.resume();
    });
  };
}
