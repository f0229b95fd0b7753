import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Emitter } from "../../src/common/async/event.js";
import { Failure } from "../../src/common/failure.js";
import { silentLogger } from "../../src/common/logger.js";
import type { JobState } from "../../src/slurm/model/job.js";
import type { CloseReason, Connection } from "../../src/ssh/model/connection.js";
import type { SshFailure } from "../../src/ssh/model/failures.js";
import { keepWaitingLogins, type WaitingLogins } from "../../src/waitingLogins.js";

const loginId = "ada@gpu:22";
const queued: JobState = { kind: "queued", reason: "Priority", expectedStart: undefined, isStuck: false };
const refused = new Failure({ code: "authentication-failed" });
const lost: SshFailure = { code: "connection-lost", host: "gpu", port: 22 };

/** Connections as the pool keeps them: one that was lost is known still, one that was closed is not. */
function createPool() {
  const changed = new Emitter<void>();
  let current: Connection | undefined;
  let isKnown = false;
  const pool = {
    onDidChange: changed.event,
    get: () => current,
    isKnown: () => isKnown,
    targetOf: () => (isKnown ? { host: "gpu" } : undefined),
    forgetLost: (isNeeded: (id: string) => boolean) => {
      if (!current && !isNeeded(loginId)) isKnown = false;
    },
    reopen: vi.fn(() => Promise.resolve(pool.connect())),
    connect: (): Connection => {
      const closed = new Emitter<CloseReason>();
      const made = { id: loginId, state: "open", onDidClose: closed.event };
      current = made as unknown as Connection;
      isKnown = true;
      end = (reason) => {
        made.state = "closed";
        current = undefined;
        isKnown = reason.kind === "lost";
        changed.fire();
        closed.fire(reason);
      };
      changed.fire();
      return current;
    },
  };
  return pool;
}

let end: (reason: CloseReason) => void;
let pool: ReturnType<typeof createPool>;
let jobs: { loginId: string; jobId: string; state: JobState }[];
let submitting: string[];
let heard: Emitter<void>;
let logins: WaitingLogins;
beforeEach(() => {
  vi.useFakeTimers();
  pool = createPool();
  jobs = [];
  submitting = [];
  heard = new Emitter();
  const slurm = {
    get watched() {
      return jobs;
    },
    get submitting() {
      return submitting;
    },
    onDidChange: heard.event,
  };
  logins = keepWaitingLogins({ slurm, connections: pool, logger: silentLogger });
});
afterEach(() => {
  logins.dispose();
  vi.useRealTimers();
});
const waits = (state: JobState = queued): void => {
  jobs = [{ loginId, jobId: "7", state }];
  heard.fire();
};

describe("the login node of a pending job", () => {
  it("is reconnected when it is lost", async () => {
    pool.connect();
    waits();
    expect(logins.needs(loginId)).toBe(true);
    for (const times of [1, 2]) {
      end({ kind: "lost", failure: lost });
      waits({ kind: "unknown", why: "login", before: queued });
      await vi.advanceTimersByTimeAsync(1_000);
      expect(pool.get()?.state).toBe("open");
      expect(pool.reopen).toHaveBeenCalledTimes(times);
    }
    expect(pool.reopen).toHaveBeenCalledWith(loginId, false, expect.anything());
  });

  it("is reconnected even if it was lost before the job was known", async () => {
    pool.connect();
    end({ kind: "lost", failure: lost });
    waits({ kind: "unknown", why: "login", before: undefined });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(pool.get()?.state).toBe("open");
  });

  it("is connected to again where it was lost while a job was submitted", async () => {
    pool.connect();
    submitting = [loginId];
    heard.fire();
    end({ kind: "lost", failure: lost });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(pool.get()?.state).toBe("open");
    submitting = [];
    heard.fire();
    expect(logins.needs(loginId)).toBe(false);
  });

  it("is not reconnected when it was closed on purpose", async () => {
    pool.connect();
    waits();
    end({ kind: "closed" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(pool.reopen).not.toHaveBeenCalled();
  });

  it("is not reconnected when no job is watched any more", async () => {
    pool.connect();
    waits();
    waits({ kind: "ended", how: "completed" });
    expect(logins.needs(loginId)).toBe(false);
    end({ kind: "lost", failure: lost });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(pool.reopen).not.toHaveBeenCalled();
  });

  it("uses the connection that somebody else opened, even after a wait for the user", async () => {
    pool.connect();
    waits();
    pool.reopen.mockRejectedValueOnce(refused);
    end({ kind: "lost", failure: lost });
    await vi.advanceTimersByTimeAsync(1_000);
    const tries = pool.reopen.mock.calls.length;
    pool.connect();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(pool.reopen).toHaveBeenCalledTimes(tries);
    end({ kind: "lost", failure: lost });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(pool.reopen).toHaveBeenCalledTimes(tries + 1);
    expect(pool.get()?.state).toBe("open");
  });

  it("is told of while it is away, with what it waits for, and not tried again once it is left", async () => {
    pool.connect();
    waits();
    expect(logins.lost).toEqual([]);
    let changes = 0;
    logins.onDidChange(() => (changes += 1));
    pool.reopen.mockRejectedValue(refused);
    end({ kind: "lost", failure: lost });
    await vi.advanceTimersByTimeAsync(1_000);
    const [gone] = logins.lost;
    expect(gone).toMatchObject({ id: loginId, target: { host: "gpu" }, wait: { kind: "person" } });
    expect(changes).toBeGreaterThan(0);
    const before = changes;
    logins.leave(loginId);
    expect([logins.lost, pool.isKnown(), changes > before]).toEqual([[], false, true]);
    pool.reopen.mockClear();
    waits({ kind: "unknown", why: "login", before: queued });
    logins.retry();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(pool.reopen).not.toHaveBeenCalled();
  });

  it("is left alone where it is connected to", () => {
    pool.connect();
    waits();
    logins.leave(loginId);
    expect([pool.get()?.state, pool.isKnown()]).toEqual(["open", true]);
  });

  it("is retried at once when the machine wakes up", async () => {
    pool.connect();
    waits();
    const away = new Failure({ code: "network-unreachable" });
    pool.reopen.mockRejectedValue(away);
    end({ kind: "lost", failure: lost });
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    const tries = pool.reopen.mock.calls.length;
    pool.reopen.mockImplementation(() => Promise.resolve(pool.connect()));
    logins.retry();
    await vi.advanceTimersByTimeAsync(0);
    expect(pool.reopen).toHaveBeenCalledTimes(tries + 1);
  });
});
