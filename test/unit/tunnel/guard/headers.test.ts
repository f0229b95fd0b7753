import { expect, it } from "vitest";
import { answerHeaders, requestHeaders } from "../../../../src/tunnel/guard/headers.js";

const flat = (headers: readonly (readonly [string, string])[]): string[] => headers.flat();

it("a request goes on without what is for one connection, what others say of the way, and what is ours", () => {
  const given = flat([
    ["Host", "localhost:4"],
    ["Connection", "close, X-Hop, Content-Length, cookie"],
    ["X-Hop", "1"],
    ["Keep-Alive", "timeout=5"],
    ["Transfer-Encoding", "chunked"],
    ["TE", "trailers"],
    ["Proxy-Authorization", "secret"],
    ["X-Forwarded-For", "1.2.3.4"],
    ["x-forwarded-host", "evil.example"],
    ["Forwarded", "for=1.2.3.4"],
    ["X-Real-IP", "1.2.3.4"],
    ["Expect", "100-continue"],
    ["Runicorn-Guard-Key", "secret"],
    ["Cookie", "runicorn-guard-4=secret; theme=dark"],
    ["Cookie", "runicorn-guard-5=secret"],
    ["ACCEPT", "*/*"],
    ["Content-Length", "3"],
  ]);
  expect(requestHeaders(given)).toEqual(
    flat([
      ["Host", "localhost:4"],
      ["Cookie", "theme=dark"],
      ["ACCEPT", "*/*"],
      ["Content-Length", "3"],
    ]),
  );
});

it("an answer goes on as it is, but for its connection and cookies in our name", () => {
  const given = flat([
    ["Set-Cookie", "runicorn-guard-4=theirs"],
    ["Set-Cookie", "a=1"],
    ["set-cookie", "b=2"],
    ["Transfer-Encoding", "chunked"],
    ["Connection", "keep-alive"],
    ["ETag", '"x"'],
  ]);
  expect(answerHeaders(given)).toEqual(
    flat([
      ["Set-Cookie", "a=1"],
      ["set-cookie", "b=2"],
      ["ETag", '"x"'],
    ]),
  );
});
