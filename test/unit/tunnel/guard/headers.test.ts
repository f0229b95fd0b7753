import { expect, it } from "vitest";
import { answerHeaders, requestHeaders } from "../../../../src/tunnel/guard/headers.js";

const mark = "m.";
const flat = (headers: readonly (readonly [string, string])[]): string[] => headers.flat();

it("a request is forwarded without hop-by-hop headers, forwarding headers and our own", () => {
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
    ["Cookie", "runicorn-guard-4=secret; session=of-another-local-program"],
    ["cookie", "theme=dark"],
    ["ACCEPT", "*/*"],
    ["Content-Length", "3"],
  ]);
  expect(requestHeaders(given, mark)).toEqual(
    flat([
      ["Host", "localhost:4"],
      ["ACCEPT", "*/*"],
      ["Content-Length", "3"],
    ]),
  );
});

it("an answer goes on as it is, but for its connection and its cookies, which all local programs would get", () => {
  const given = flat([
    ["Set-Cookie", "runicorn-guard-4=theirs"],
    ["Set-Cookie", "a=1"],
    ["set-cookie", "b=2"],
    ["Transfer-Encoding", "chunked"],
    ["Connection", "keep-alive"],
    ["ETag", '"x"'],
  ]);
  expect(answerHeaders(given, mark)).toEqual(
    flat([
      ["ETag", '"m.x"'],
      ["Cache-Control", "no-cache"],
    ]),
  );
});

it("caching headers of a response are replaced, and none refers to another place", () => {
  const given = flat([
    ["Cache-Control", "public, max-age=31536000, immutable"],
    ["Expires", "Thu, 01 Dec 2099 16:00:00 GMT"],
    ["Pragma", "public"],
    ["Age", "1"],
    ["Last-Modified", "Thu, 01 Dec 2022 16:00:00 GMT"],
    ["Alt-Svc", 'h2="evil.example:443"'],
    ["Clear-Site-Data", '"*"'],
    ["ETag", 'W/"x"'],
  ]);
  expect(answerHeaders(given, mark)).toEqual(
    flat([
      ["ETag", 'W/"m.x"'],
      ["Cache-Control", "no-cache"],
    ]),
  );
  for (const etag of ["x", '"a"b"', '"a b"'])
    expect(answerHeaders(["ETag", etag], mark)).toEqual(["Cache-Control", "no-cache"]);
  const secret = answerHeaders(["Cache-Control", "private", "cache-control", "max-age=0,No-Store"], mark);
  expect(secret).toEqual(["Cache-Control", "no-store"]);
});

it.each([
  ["If-None-Match", '"m.x", W/"m.y", "other"', '"x", W/"y"'],
  ["If-None-Match", '"x"', undefined],
  ["If-None-Match", "*", "*"],
  ["If-Modified-Since", "Thu, 01 Dec 2022 16:00:00 GMT", undefined],
  ["If-Range", '"m.x"', '"x"'],
  ["If-Range", '"x"', undefined],
  ["If-Range", "Thu, 01 Dec 2022 16:00:00 GMT", undefined],
  ["If-Match", '"m.x", "y"', '"x", "y"'],
  ["If-Unmodified-Since", "Thu, 01 Dec 2022 16:00:00 GMT", "Thu, 01 Dec 2022 16:00:00 GMT"],
])("of %s: %s the viewer is asked %s", (name, value, asked) => {
  expect(requestHeaders([name, value], mark)).toEqual(asked === undefined ? [] : [name, asked]);
});
