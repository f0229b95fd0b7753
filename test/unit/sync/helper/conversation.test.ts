import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { Cancelled, Failure } from "../../../../src/common/failure.js";
import { type Conversation, converse, type Helper } from "../../../../src/sync/helper/conversation.js";
import type { HelperFrame } from "../../../../src/sync/helper/helperFrames.js";
import { NotReadable } from "../../../../src/sync/remote/notReadable.js";

/** A helper that says what a test has it say. */
function scripted(limit = 10_000) {
  const frames: (HelperFrame | Error)[] = [];
  const arrival = new EventEmitter();
  const stdin = new PassThrough();
  let killed = false;
  const helper: Helper = {
    process: {
      stdin,
      stdout: new PassThrough(),
      stderr: new PassThrough(),
      ended: new Promise(() => undefined),
      kill: () => (killed = true),
    },
    next: async () => {
      while (frames.length === 0) await new Promise((resolve) => arrival.once("frame", resolve));
      const frame = frames.shift() as HelperFrame | Error;
      if (frame instanceof Error) throw frame;
      return frame;
    },
  };
  const conversation: Conversation = converse(helper, "host", limit);
  return {
    conversation,
    say: (id: number, facts: object) => {
      frames.push({ kind: "J", id, payload: Buffer.from(JSON.stringify(facts)) });
      arrival.emit("frame");
    },
    breakOff: (error: Error) => {
      frames.push(error);
      arrival.emit("frame");
    },
    asked: () =>
      String(stdin.read() ?? "")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as { op: string; id: number }),
    isKilled: () => killed,
  };
}

describe("many requests to one helper", () => {
  it("are answered in any order", async () => {
    const { conversation, say, asked } = scripted();
    const heard: string[] = [];
    const ask = (name: string): Promise<void> =>
      conversation.ask({ op: name }, (_frame, { i }) => void heard.push(`${name} ${i}`), undefined);
    const [one, two] = [ask("one"), ask("two")];
    expect(asked()).toEqual([
      { op: "one", id: 1 },
      { op: "two", id: 2 },
    ]);
    for (const [id, i] of [
      [2, 1],
      [1, 2],
      [2, 3],
    ] as const) {
      say(id, { i });
    }
    say(2, { end: true });
    await two;
    say(1, { end: true });
    await one;
    expect(heard.slice(0, 3)).toEqual(["two 1", "one 2", "two 3"]);
  });

  it("survive the cancel of one, whose late data is discarded", async () => {
    const { conversation, say, asked, isKilled } = scripted();
    const heard: number[] = [];
    const stop = new AbortController();
    const one = conversation.ask({ op: "one" }, () => void heard.push(1), stop.signal);
    const two = conversation.ask({ op: "two" }, () => void heard.push(2), undefined);
    asked();
    stop.abort();
    await expect(one).rejects.toBeInstanceOf(Cancelled);
    expect(asked()).toEqual([{ op: "cancel", id: 1 }]);
    say(1, {});
    say(1, { end: true });
    say(2, { end: true });
    await two;
    expect(heard).toEqual([2]);
    expect(isKilled()).toBe(false);
    await expect(conversation.ask({ op: "three" }, () => undefined, stop.signal)).rejects.toThrow();
  });

  it("survive the cancel of one while its data is stored, which completes first", async () => {
    const { conversation, say } = scripted();
    const stop = new AbortController();
    let stored: () => void = () => undefined;
    let isStoring: () => void = () => undefined;
    const storing = new Promise<void>((resolve) => (isStoring = resolve));
    const order: string[] = [];
    const take = (): Promise<void> => {
      isStoring();
      return new Promise((resolve) => (stored = resolve));
    };
    const one = conversation.ask({ op: "one" }, take, stop.signal).catch(() => order.push("cancelled"));
    say(1, {});
    await storing;
    stop.abort();
    await new Promise((resolve) => setImmediate(resolve));
    order.push("stored");
    stored();
    await one;
    expect(order).toEqual(["stored", "cancelled"]);
  });

  it("of which one cannot be stored here: the others go on", async () => {
    const { conversation, say, isKilled } = scripted();
    const full = new Error("disk full");
    const one = conversation.ask({ op: "one" }, () => Promise.reject(full), undefined);
    const two = conversation.ask({ op: "two" }, () => undefined, undefined);
    say(1, {});
    say(2, { end: true });
    await expect(one).rejects.toBe(full);
    await two;
    expect(isKilled()).toBe(false);
  });

  it.each([
    ["what no helper says", new NotReadable()],
    ["its end", new Failure({ code: "sync-helper-failed", host: "host", output: "" })],
  ])("all fail with %s", async (_what, error) => {
    const { conversation, breakOff, isKilled } = scripted();
    const all = [1, 2].map(() => conversation.ask({ op: "x" }, () => undefined, undefined));
    breakOff(error);
    for (const one of all)
      await expect(one).rejects.toMatchObject({ detail: { code: "sync-helper-failed" } });
    expect([conversation.isOver, isKilled()]).toEqual([true, true]);
  });

  it("all fail on an unsolicited answer", async () => {
    const { conversation, say } = scripted();
    const one = conversation.ask({ op: "x" }, () => undefined, undefined);
    say(7, {});
    await expect(one).rejects.toMatchObject({ detail: { code: "sync-helper-failed" } });
  });

  it("all fail when one of them is never answered, however much the others are", async () => {
    const { conversation, say } = scripted(50);
    const silent = conversation.ask({ op: "silent" }, () => undefined, undefined);
    const talkative = conversation.ask({ op: "talkative" }, () => undefined, undefined);
    const talking = setInterval(() => say(2, {}), 5);
    await expect(silent).rejects.toMatchObject({ detail: { code: "sync-helper-failed" } });
    await expect(talkative).rejects.toThrow();
    clearInterval(talking);
  });

  it("are cancelled at the end", async () => {
    const { conversation, isKilled } = scripted();
    const one = conversation.ask({ op: "x" }, () => undefined, undefined);
    conversation.end();
    await expect(one).rejects.toBeInstanceOf(Cancelled);
    expect(isKilled()).toBe(true);
  });
});
