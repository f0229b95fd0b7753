import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { ForeignFrame } from "../../../../src/ssh/channel/taggedFrames.js";
import {
  costOfFrame,
  encodeStreamFrame,
  type StreamFrame,
  StreamFrameDecoder,
  type StreamFrameKind,
  mostOfData,
} from "../../../../src/tunnel/relay/streamFrames.js";
import { firstWindow, type HostStream } from "../../../../src/tunnel/relay/hostStream.js";
import { createStreams, StreamRefused } from "../../../../src/tunnel/relay/streams.js";

const tag = Buffer.from("0123456789abcdef");
const address = { port: 8000 };

/** A host that says what it is told to, and hears everything. */
function openHost() {
  const heard: StreamFrame[] = [];
  const decoder = new StreamFrameDecoder(tag);
  const streams = createStreams(tag, (bytes, done) => {
    decoder.feed(bytes, (frame) => heard.push(frame));
    if (done) process.nextTick(done);
  });
  const say = (kind: StreamFrameKind, id: number, payload: Uint8Array | string = ""): void =>
    streams.feed(encodeStreamFrame(kind, id, Buffer.from(payload), tag));
  const open = async (id: number): Promise<HostStream> => {
    const opening = streams.open(address);
    say("A", id);
    return opening;
  };
  const kinds = (): string => heard.map(({ kind }) => kind).join("");
  return { heard, streams, say, open, kinds };
}

const count = (bytes: number): Buffer => {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(bytes);
  return payload;
};
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a stream", () => {
  it("asks for its address, and is there when the host has it", async () => {
    const host = openHost();
    const opened = [host.streams.open({ socket: "/tmp/\udcff" }), host.streams.open(address)];
    expect(host.heard.map(({ payload }) => payload.toString("latin1"))).toEqual(["s/tmp/\xff", "t8000"]);
    host.say("A", 2);
    await opened[1];
    host.say("C", 1, "ENOENT No such file or directory");
    await expect(opened[0]).rejects.toEqual(new StreamRefused("ENOENT No such file or directory"));
    expect(host.streams.count).toBe(1);
  });

  it("can be half-closed in each direction", async () => {
    const host = openHost();
    const stream = await host.open(1);
    stream.end("question");
    await turn();
    host.say("D", 1, "answer");
    host.say("E", 1);
    expect((await buffer(stream)).toString()).toBe("answer");
    await turn();
    expect(host.kinds()).toBe("ODE");
    host.say("C", 1);
    expect(host.streams.count).toBe(0);
  });

  it("that is destroyed here is reset, and what the host had already said of it is nothing bad", async () => {
    const host = openHost();
    const stream = await host.open(1);
    stream.destroy();
    expect(host.kinds()).toBe("OR");
    for (const kind of ["D", "E"] as const) host.say(kind, 1, kind === "D" ? "late" : "");
    host.say("W", 1, count(100));
    host.say("C", 1);
    expect(host.streams.count).toBe(0);
  });

  it("that the host closes before its end is cut", async () => {
    const host = openHost();
    const stream = await host.open(1);
    host.say("D", 1, "half");
    const failed = once(stream, "error");
    host.say("C", 1, "ECONNRESET Connection reset by peer");
    expect(((await failed) as [Error])[0].message).toContain("ECONNRESET");
    expect(stream.readableEnded).toBe(false);
  });

  it("keeps what came before the end, though the host has closed it", async () => {
    const host = openHost();
    const stream = await host.open(1);
    for (let piece = 0; piece < 3; piece += 1) host.say("D", 1, Buffer.alloc(60_000));
    host.say("E", 1);
    stream.write(Buffer.alloc(2 * firstWindow));
    host.say("C", 1, "EPIPE Broken pipe");
    expect(await buffer(stream)).toHaveLength(180_000);
  });

  it("sends no more than the host has room for", async () => {
    const host = openHost();
    const stream = await host.open(1);
    stream.end(randomBytes(3 * firstWindow));
    const used = (): number =>
      host.heard
        .filter(({ kind }) => kind === "D")
        .reduce((sum, { payload }) => sum + payload.length + costOfFrame, 0);
    await turn();
    expect(used()).toBe(firstWindow);
    host.say("W", 1, count(1_000));
    expect(used()).toBe(firstWindow + 1_000);
    host.say("W", 1, count(3 * firstWindow));
    await turn();
    expect(host.kinds().endsWith("E")).toBe(true);
  });

  it("opens its window as it is read, and widens it for a fast reader", async () => {
    const host = openHost();
    const stream = await host.open(1);
    const rooms = (): number[] =>
      host.heard.filter(({ kind }) => kind === "W").map(({ payload }) => payload.readUInt32BE(0));
    const piece = Buffer.alloc(mostOfData);
    for (let pieces = 0; pieces < 3; pieces += 1) host.say("D", 1, piece);
    expect(rooms()).toEqual([]);
    stream.resume();
    await turn();
    // When it had read two, a third one waited.
    const half = 2 * (mostOfData + costOfFrame);
    expect(rooms()).toEqual([half]);
    host.say("D", 1, piece);
    expect(rooms()).toEqual([half, half + firstWindow]);
  });

  it("waits if the maximum number are open", async () => {
    const host = openHost();
    const all = Array.from({ length: 257 }, () => host.streams.open(address));
    expect(host.heard).toHaveLength(256);
    host.say("C", 1, "ECONNREFUSED Connection refused");
    await expect(all[0]).rejects.toThrow("ECONNREFUSED");
    await turn();
    expect(host.heard).toHaveLength(257);
    host.streams.end(new Error("gone"));
    await Promise.all(all.slice(1).map((one) => expect(one).rejects.toThrow("gone")));
    await expect(host.streams.open(address)).rejects.toThrow("gone");
  });
});

describe("a host that violates the protocol", () => {
  const bad: readonly [string, (host: ReturnType<typeof openHost>) => void, RegExp][] = [
    ["speaks of a stream that nobody opened", (host) => host.say("D", 9, "x"), /there is not/],
    [
      "speaks of a stream after its last word",
      (host) => (host.say("C", 1), host.say("W", 1, count(1))),
      /there is not/,
    ],
    ["opens a stream twice", (host) => host.say("A", 1), /twice/],
    ["ends a stream twice", (host) => (host.say("E", 1), host.say("E", 1)), /ended a stream twice/],
    ["sends data behind an end", (host) => (host.say("E", 1), host.say("D", 1, "x")), /had ended/],
    ["sends data without a byte", (host) => host.say("D", 1), /without a byte/],
    ["asks for a stream", (host) => host.say("O", 1, "t1"), /only we/],
    ["resets a stream", (host) => host.say("R", 1), /only we/],
    ["widens a window by no number", (host) => host.say("W", 1, "x"), /no number/],
    ["widens a window beyond all measure", (host) => host.say("W", 1, count(0xffffffff)), /measure/],
  ];
  it.each(bad)("and %s is detected", async (_what, misbehave, words) => {
    const host = openHost();
    await host.open(1);
    expect(() => misbehave(host)).toThrow(ForeignFrame);
    const again = openHost();
    await again.open(1);
    expect(() => misbehave(again)).toThrow(words);
  });

  it.each([
    ["large", mostOfData],
    ["tiny", 1],
  ])("and sends more %s frames than the window allows is detected", async (_what, length) => {
    const host = openHost();
    await host.open(1);
    let sent = 0;
    const flood = (): void => {
      for (;;) {
        host.say("D", 1, Buffer.alloc(length));
        sent += 1;
      }
    };
    expect(flood).toThrow(/window/);
    // One is with whoever would read it.
    expect((sent - 1) * (length + costOfFrame)).toBeLessThanOrEqual(firstWindow);
  });

  it("and uses a stream before it is open is detected", () => {
    const host = openHost();
    void host.streams.open(address).catch(() => undefined);
    expect(() => host.say("D", 1, "x")).toThrow(/before/);
    host.streams.end(new Error("gone"));
  });

  it("causes no other error, whatever frames it sends", async () => {
    for (let round = 0; round < 300; round += 1) {
      const host = openHost();
      const opened = await Promise.all([1, 2, 3].map((id) => host.open(id)));
      for (const stream of opened) {
        stream.on("error", () => undefined);
        if (randomInt(2) === 0) stream.resume();
        if (randomInt(2) === 0) stream.write(randomBytes(randomInt(1, 100_000)));
        if (randomInt(4) === 0) stream.end();
        if (randomInt(4) === 0) stream.destroy();
      }
      try {
        for (let frame = 0; frame < 40; frame += 1) {
          const kind = "ADDDEWWCRO"[randomInt(10)] as StreamFrameKind;
          const length = { A: 0, E: 0, R: 0, W: 4, C: 20, O: 3, D: randomInt(1, 5_000) }[kind];
          host.say(kind, randomInt(1, 5), randomBytes(length));
        }
      } catch (error) {
        expect(error).toBeInstanceOf(ForeignFrame);
      }
      host.streams.end(new Error("gone"));
      expect(host.streams.count).toBe(0);
    }
  });
});
