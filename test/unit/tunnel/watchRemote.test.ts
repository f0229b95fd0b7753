import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Forwarder } from "../../../src/tunnel/forwarder.js";
import { watchRemote } from "../../../src/tunnel/watchRemote.js";

let streams: PassThrough[];
let isOpen: boolean;
let isEndReal: boolean;
let refuses: boolean;
let heard: number;
let over: AbortController;
let watching: Promise<void>;

const forwarder = {
  get isOpen() {
    return isOpen;
  },
  connect: () => {
    const stream = new PassThrough();
    streams.push(stream);
    return refuses ? Promise.reject(new Error("refused")) : Promise.resolve(stream);
  },
  isEndReal: () => Promise.resolve(isEndReal),
} as unknown as Forwarder;

beforeEach(() => {
  vi.useFakeTimers();
  streams = [];
  [isOpen, isEndReal, refuses, heard] = [true, true, false, 0];
  over = new AbortController();
  watching = watchRemote(forwarder, () => void (heard += 1), over.signal);
});
afterEach(async () => {
  over.abort();
  await vi.advanceTimersByTimeAsync(0);
  await watching;
  vi.useRealTimers();
});
const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);
const endLast = async (): Promise<void> => {
  streams.at(-1)?.end();
  await pass(0);
};

describe("the watch of a remote address", () => {
  it("holds one stream, and says nothing while that lasts", async () => {
    await pass(3_600_000);
    expect({ heard, streams: streams.length }).toEqual({ heard: 0, streams: 1 });
  });

  it("tells of an end at once, and soon holds another stream", async () => {
    await pass(100_000);
    await endLast();
    expect(heard).toBe(1);
    await pass(500);
    expect(streams).toHaveLength(2);
  });

  it("asks ever more rarely where each stream ends at once, or none is taken", async () => {
    refuses = true;
    await endLast();
    await pass(600_000);
    expect(heard).toBe(streams.length);
    // Once per half a minute, after the first.
    expect(streams.length).toBeGreaterThan(20);
    expect(streams.length).toBeLessThan(30);
  });

  it("reports nothing if the connection was lost, and continues if it is alive", async () => {
    isEndReal = false;
    await endLast();
    expect(heard).toBe(0);
    await pass(1_000);
    expect(streams).toHaveLength(2);
    isOpen = false;
    await endLast();
    await pass(60_000);
    expect({ heard, streams: streams.length }).toEqual({ heard: 0, streams: 2 });
  });

  it("lets go of its stream when it is over", async () => {
    await pass(0);
    over.abort();
    await watching;
    expect(streams[0]?.destroyed).toBe(true);
    expect(heard).toBe(0);
  });
});
