import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { silentLogger } from "../../../src/common/logger.js";
import { type LinkWatch, watchLink } from "../../../src/relay/linkWatch.js";

const graceTime = 300_000;
const onAway = vi.fn();
const onDidChange = vi.fn();
let watch: LinkWatch;
beforeEach(() => {
  vi.useFakeTimers();
  vi.clearAllMocks();
  watch = watchLink({ graceTime, onAway, onDidChange, logger: silentLogger });
});
afterEach(() => vi.useRealTimers());

const connected = { kind: "connected", since: 0 } as const;
const waiting = { kind: "waiting", until: 0, problem: "refused" } as const;

describe("the watch over the connection to the main server", () => {
  it("tells the newest state, and that it changed", () => {
    expect(watch.state).toEqual({ kind: "connecting" });
    watch.note(connected);
    expect(watch.state).toEqual(connected);
    expect(onDidChange).toHaveBeenCalledOnce();
  });

  it("tells once that the server has been away for the grace time, however often it was tried", () => {
    watch.note(connected);
    watch.note(waiting);
    vi.advanceTimersByTime(graceTime / 2);
    watch.note({ kind: "connecting" });
    watch.note(waiting);
    vi.advanceTimersByTime(graceTime / 2 - 1);
    expect(onAway).not.toHaveBeenCalled();
    vi.advanceTimersByTime(10 * graceTime);
    expect(onAway).toHaveBeenCalledOnce();
  });

  it("begins the wait again after each connection", () => {
    watch.note(waiting);
    vi.advanceTimersByTime(graceTime - 1);
    watch.note(connected);
    watch.note(waiting);
    vi.advanceTimersByTime(graceTime - 1);
    expect(onAway).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(onAway).toHaveBeenCalledOnce();
  });

  it("waits for nothing once it is disposed", () => {
    watch.note(waiting);
    watch.dispose();
    watch.note(waiting);
    vi.advanceTimersByTime(10 * graceTime);
    expect(onAway).not.toHaveBeenCalled();
  });
});
