import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { Duplex } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AnswerHead } from "../../../../src/tunnel/guard/answerHead.js";
import { AnswerReader } from "../../../../src/tunnel/guard/answerReader.js";

interface Read {
  readonly head?: AnswerHead;
  readonly body: string;
  /** undefined: not whole. */
  readonly beyond?: string;
  readonly endsWithStream: boolean;
}

/** Reads an answer in pieces that end at these places. */
function read(bytes: string, method = "GET", cuts: readonly number[] = []): Read | "malformed" {
  const reader = new AnswerReader(method);
  const whole = Buffer.from(bytes, "latin1");
  const places = [...new Set([0, ...cuts.filter((at) => at < whole.length), whole.length])].sort(
    (one, other) => one - other,
  );
  let head: AnswerHead | undefined;
  let body = "";
  let beyond: string | undefined;
  for (let at = 0; at + 1 < places.length; at += 1) {
    const piece = whole.subarray(places[at], places[at + 1]);
    if (beyond !== undefined) {
      beyond += piece.toString("latin1");
      continue;
    }
    const part = reader.read(piece);
    if (part === "malformed") return part;
    head ??= part.head;
    body += Buffer.concat(part.body).toString("latin1");
    beyond = part.beyond?.toString("latin1");
  }
  const { endsWithStream } = reader;
  return { ...(head && { head }), body, ...(beyond !== undefined && { beyond }), endsWithStream };
}

const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const sized = (length: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`;

describe("complete responses", () => {
  it.each<[string, string, string, Partial<Read>]>([
    ["a length", "GET", `${sized("4")}runs`, { body: "runs", beyond: "" }],
    ["a length of nothing", "GET", sized("0"), { body: "", beyond: "" }],
    ["what comes behind a length", "GET", `${sized("4")}runsHTTP/1.1`, { body: "runs", beyond: "HTTP/1.1" }],
    [
      "chunks",
      "GET",
      `${chunked}3\r\nabc\r\n1F;x="y"\r\n${"d".repeat(31)}\r\n0\r\n\r\n`,
      {
        body: `abc${"d".repeat(31)}`,
        beyond: "",
      },
    ],
    ["trailers", "GET", `${chunked}0\r\nSet-Cookie: a=1\r\n\r\nrest`, { body: "", beyond: "rest" }],
    ["HEAD", "HEAD", `${sized("4")}x`, { body: "", beyond: "x" }],
    ["204", "GET", "HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\n", { body: "", beyond: "" }],
    ["304 in chunks", "GET", chunked.replace("200 OK", "304 Not Modified"), { body: "", beyond: "" }],
    ["no length", "GET", "HTTP/1.1 200 OK\r\n\r\nruns", { body: "runs", endsWithStream: true }],
    ["no reason", "GET", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", { beyond: "" }],
    [
      "interim answers",
      "GET",
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n${sized("1")}x`,
      {
        body: "x",
        beyond: "",
      },
    ],
    [
      "a protocol that was agreed upon",
      "GET",
      "HTTP/1.1 101 Yes\r\nUpgrade: x\r\n\r\nbytes",
      { beyond: "bytes" },
    ],
  ])("%s, in one piece and byte by byte", (_name, method, bytes, expected) => {
    for (const cuts of [[], [...bytes].map((_, at) => at)])
      expect(read(bytes, method, cuts)).toMatchObject(expected);
  });

  it("names and values are unchanged, except for white space around them", () => {
    const part = read("HTTP/1.1 418 I'm \xe4\r\nX-Odd:\t a\tb\xa0 \r\nx-odd:\r\nContent-Length: 0\r\n\r\n");
    expect(part).toMatchObject({
      head: {
        status: 418,
        reason: "I'm \xe4",
        rawHeaders: ["X-Odd", "a\tb\xa0", "x-odd", "", "Content-Length", "0"],
      },
    });
  });

  it.each([
    [true, sized("0")],
    [true, chunked],
    [true, "HTTP/1.1 204 No\r\nConnection: keep-alive\r\n\r\n"],
    [false, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: x, Close\r\n\r\n"],
    [false, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: x\r\nConnection: close\r\n\r\n"],
    [false, "HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n"],
    [false, "HTTP/1.1 200 OK\r\n\r\n"],
  ])("whether another one may follow: %s for %j", (keepsStream, bytes) => {
    expect(read(bytes)).toMatchObject({ head: { keepsStream } });
  });
});

describe("ambiguous responses", () => {
  const headed = (lines: string): string => `HTTP/1.1 200 OK\r\n${lines}\r\n\r\n`;
  it.each<[string, string]>([
    ["two lengths", headed("Content-Length: 4\r\nContent-Length: 5")],
    ["the same length twice", headed("Content-Length: 4\r\nContent-Length: 4")],
    ["lengths in one", headed("Content-Length: 4, 4")],
    ["a length with a sign", headed("Content-Length: +4")],
    ["a negative length", headed("Content-Length: -1")],
    ["a length in hexadecimal", headed("Content-Length: 0x4")],
    ["an empty length", headed("Content-Length:")],
    ["a length beyond what is counted", headed("Content-Length: 9007199254740993")],
    ["a length and chunks", headed("Content-Length: 4\r\nTransfer-Encoding: chunked")],
    ["chunks and a length", headed("Transfer-Encoding: chunked\r\nContent-Length: 4")],
    ["two codings", headed("Transfer-Encoding: gzip, chunked")],
    ["chunks twice", headed("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked")],
    ["another coding", headed("Transfer-Encoding: identity")],
    ["an odd coding", headed("Transfer-Encoding: \x0bchunked")],
    ["chunks in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"],
    ["a folded header", headed("X: a\r\n Content-Length: 4")],
    ["a space before the colon", headed("Content-Length : 4")],
    ["no colon", headed("Content-Length 4")],
    ["no name", headed(": 4")],
    ["a line feed alone", headed("X: a\nContent-Length: 4")],
    ["a carriage return alone", headed("X: a\rContent-Length: 4")],
    ["a zero byte", headed("X: a\0b")],
    ["a space before the first header", headed(" X: a")],
    ["no HTTP", "SSH-2.0-OpenSSH\r\n\r\n"],
    ["another version", "HTTP/2.0 200 OK\r\n\r\n"],
    ["a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n"],
    ["a status of no digits", "HTTP/1.1 OK\r\n\r\n"],
    ["a blank line before", "\r\nHTTP/1.1 200 OK\r\n\r\n"],
    ["a line of nothing but blanks", headed("X: a\r\n \t")],
    ["a head of a megabyte", headed(`X: ${"x".repeat(1_000_000)}`)],
    ["endless headers", `HTTP/1.1 200 OK\r\n${"X: y\r\n".repeat(20_000)}`],
    ["too many headers", headed("X: y\r\n".repeat(2_000).trimEnd())],
    ["interim answers without end", "HTTP/1.1 100 Continue\r\n\r\n".repeat(5_000)],
    ["no size of a chunk", `${chunked}\r\nabc`],
    ["a size with a sign", `${chunked}-3\r\nabc`],
    ["a size with a prefix", `${chunked}0x3\r\nabc`],
    ["a size with a blank", `${chunked} 3\r\nabc`],
    ["a blank behind a size", `${chunked}3 \r\nabc`],
    ["a size beyond what is counted", `${chunked}fffffffffffff\r\nabc`],
    ["zeros without end", `${chunked}${"0".repeat(5_000)}`],
    ["an extension without end", `${chunked}3;${"x".repeat(5_000)}`],
    ["a line feed in an extension", `${chunked}3;x\nabc\r\n`],
    ["a line feed behind a size", `${chunked}3\nabc\r\n`],
    ["a carriage return behind a size", `${chunked}3\rxabc\r\n`],
    ["a chunk longer than its size", `${chunked}3\r\nabcd\r\n`],
    ["a chunk that ends in a line feed", `${chunked}3\r\nabc\n0\r\n\r\n`],
    ["trailers without end", `${chunked}0\r\n${"X: y\r\n".repeat(20_000)}`],
    ["a line feed in the trailers", `${chunked}0\r\nX: y\n\r\n`],
    ["a carriage return in the trailers", `${chunked}0\r\nX: y\rz\r\n\r\n`],
    ["a carriage return at the end", `${chunked}0\r\n\rx`],
  ])("%s, in one piece and in many", (_name, bytes) => {
    const places = Array.from({ length: Math.min(bytes.length, 3_000) }, (_, at) => at);
    expect(read(bytes)).toBe("malformed");
    expect(read(bytes, "GET", places)).toBe("malformed");
  });

  it("a head that arrives byte by byte is parsed in linear time", () => {
    const reader = new AnswerReader("GET");
    const started = performance.now();
    let last: unknown;
    for (let at = 0; at < 70_000 && last !== "malformed"; at += 1) last = reader.read(Buffer.from("x"));
    expect(last).toBe("malformed");
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

/** What Node's own client makes of these bytes; undefined where it takes them for no whole answer. */
async function nodeReads(bytes: string): Promise<{ status: number; body: string } | undefined> {
  const stream = new Duplex({
    read: () => undefined,
    write: (_bytes, _encoding, done) => {
      done();
      stream.push(Buffer.from(bytes, "latin1"));
      stream.push(null);
    },
  });
  const sent = request({ createConnection: () => stream, method: "GET" });
  sent.on("error", () => undefined).end();
  return new Promise((resolve) => {
    const none = (): void => resolve(undefined);
    sent.once("close", none).once("upgrade", none);
    sent.once("response", (answer: IncomingMessage) => {
      sent.off("close", none);
      let body = "";
      answer.setEncoding("latin1").on("data", (text: string) => (body += text));
      answer.on("error", () => undefined);
      void once(answer, "close").then(() =>
        resolve(answer.complete ? { status: answer.statusCode ?? 0, body } : undefined),
      );
    });
  });
}

describe("compared with Node's own parser", () => {
  const bits = fc.constantFrom(
    ...["HTTP/1.1 200 OK\r\n", "HTTP/1.0 200 OK\r\n", "HTTP/1.1 204 N\r\n", "HTTP/1.1 100 C\r\n\r\n"],
    ...["Content-Length: 3\r\n", "Content-Length: 0\r\n", "Content-Length:3 \r\n", "content-length: 4\r\n"],
    ...["Transfer-Encoding: chunked\r\n", "transfer-encoding:CHUNKED\r\n", "Transfer-Encoding: x\r\n"],
    ...["Connection: close\r\n", "Connection: keep-alive\r\n", "X: y\r\n", " folded\r\n", "\r\n", "\r\n\r\n"],
    ...[
      "abc",
      "3\r\nabc\r\n",
      "0\r\n\r\n",
      "0\r\nX: y\r\n\r\n",
      "3;x\r\nabc\r\n",
      "03\r\n",
      "\n",
      "\r",
      " ",
      "\0",
    ],
  );
  const noise = fc.array(
    fc.oneof({ weight: 8, arbitrary: bits }, { weight: 1, arbitrary: fc.string({ maxLength: 3 }) }),
    {
      maxLength: 8,
    },
  );
  const whole = fc.tuple(
    fc.constantFrom(
      "HTTP/1.1 200 OK\r\n",
      "HTTP/1.1 404 No\r\nX: y\r\n",
      "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 200 OK\r\n",
    ),
    fc.constantFrom(
      "Content-Length: 3\r\n\r\nabc",
      "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    ),
    noise,
  );
  const answers = fc.oneof(
    noise.map((parts) => parts.join("")),
    whole.map(([first, body, behind]) => `${first}${body}${behind.join("")}`),
    whole.map(([first, body, between]) => `${first}${between.join("")}${body}`),
  );

  it("what we read as complete is the same to it, however it is chunked", async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(answers, fc.array(fc.nat(120)), async (bytes, cuts) => {
        const ours = read(bytes);
        expect(read(bytes, "GET", cuts)).toEqual(ours);
        if (ours === "malformed" || ours.head === undefined || ours.head.status === 101) return;
        if (ours.beyond === undefined && !ours.endsWithStream) return;
        compared += 1;
        const until = bytes.length - (ours.beyond?.length ?? 0);
        expect(await nodeReads(bytes.slice(0, until))).toEqual({ status: ours.head.status, body: ours.body });
      }),
      { numRuns: Number(process.env["ANSWER_RUNS"] ?? 2_000) },
    );
    expect(compared).toBeGreaterThan(300);
  });
});
