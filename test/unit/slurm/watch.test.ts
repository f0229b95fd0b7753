import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { silentLogger } from "../../../src/common/logger.js";
import { Cancelled, Failure } from "../../../src/common/failure.js";
import type { ListedJob } from "../../../src/slurm/answers/readQueue.js";
import type { JobEnd, JobState } from "../../../src/slurm/model/job.js";
import { createJobWatch } from "../../../src/slurm/watch.js";
import type { WorkloadManager } from "../../../src/slurm/workloadManager.js";
import type { Connection } from "../../../src/ssh/model/connection.js";

const login = { id: "ada@login:22", state: "open", target: { host: "login" } } as Connection;
const queued: JobState = { kind: "queued", reason: "Priority", expectedStart: undefined, isStuck: false };
const running: JobState = { kind: "running", node: "node1", endsAt: undefined };

describe("the watch of jobs", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const world = () => {
    let asked = 0;
    let accounts = (): Promise<JobEnd | "alive" | undefined> => Promise.resolve(undefined);
    let answer: () => readonly ListedJob[] = () => [];
    const manager = {
      jobs: (_login: Connection, ids: readonly string[]) => {
        asked += 1;
        return Promise.resolve().then(() => answer().filter(({ id }) => ids.includes(id)));
      },
      ended: () => accounts(),
    } as unknown as WorkloadManager;
    const watch = createJobWatch({ manager, connection: () => login, logger: silentLogger });
    return {
      watch,
      asked: () => asked,
      keepAccounts: (said: typeof accounts) => (accounts = said),
      say: (...states: (JobState | undefined)[]) => {
        const listed = states.map((state, index) => ({
          id: String(index + 1),
          key: undefined,
          name: "",
          partition: "",
          state,
        }));
        answer = () => listed;
      },
      fall: (code: string) => {
        answer = () => {
          throw new Failure({ code });
        };
      },
    };
  };

  it("asks once for all jobs of a host, each two seconds at first and ever more rarely", async () => {
    const { watch, asked, say } = world();
    say(queued, queued, queued);
    for (const id of ["1", "2", "3"]) watch.watch(login, id);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(asked()).toBeGreaterThan(6);
    expect(asked()).toBeLessThanOrEqual(11);
    say(running, running, running);
    await vi.advanceTimersByTimeAsync(30_000);
    const before = asked();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(asked() - before).toBeLessThanOrEqual(4);
    watch.dispose();
  });

  it("never takes silence for an end", async () => {
    const { watch, say, fall } = world();
    const heard: JobState[] = [];
    say(running);
    watch.watch(login, "1", (state) => heard.push(state));
    await vi.advanceTimersByTimeAsync(1_000);
    fall("slurm-silent");
    await vi.advanceTimersByTimeAsync(60_000);
    say(running);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(heard).toEqual([running, { kind: "unknown", why: "controller", before: running }, running]);
    watch.dispose();
  });

  it.each([
    ["say that it lives", () => Promise.resolve("alive" as const), "unknown"],
    ["fail", () => Promise.reject(new Failure({ code: "slurm-failed" })), "unknown"],
    ["know its end", () => Promise.resolve("timeLimit" as const), "ended"],
    ["know nothing of it", () => Promise.resolve(undefined), "ended"],
  ])("of a job that the queue has not any more, whose accounts %s", async (_what, accounts, kind) => {
    const { watch, keepAccounts } = world();
    keepAccounts(accounts);
    const looked = watch.look(login, "7");
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await looked).toMatchObject({ kind });
    watch.dispose();
  });

  it("backs off even if each answer has another expected start", async () => {
    const { watch, asked, say } = world();
    watch.watch(login, "1");
    for (let second = 0; second < 300; second += 1) {
      say({ ...queued, expectedStart: Date.now() + 60_000 + second * 10_000 });
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(asked()).toBeLessThanOrEqual(45);
    watch.dispose();
  });

  it("waits ten seconds for a job that does not come to its end, and asks ever more rarely then", async () => {
    const { watch, asked, say } = world();
    say(running);
    watch.watch(login, "1");
    await vi.advanceTimersByTimeAsync(1_000);
    say(undefined);
    const looked = watch.look(login, "1");
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await looked).toEqual({ kind: "unknown", why: "controller", before: running });
    const before = asked();
    await vi.advanceTimersByTimeAsync(300_000);
    expect(asked() - before).toBeLessThanOrEqual(40);
    const ended = new AbortController();
    const cancelled = expect(watch.look(login, "1", ended.signal)).rejects.toThrow(Cancelled);
    ended.abort();
    await cancelled;
    watch.dispose();
  });

  it("waits until it is known how a job ended, and forgets no end", async () => {
    const { watch, say } = world();
    say(undefined);
    const looked = watch.look(login, "1");
    await vi.advanceTimersByTimeAsync(5_000);
    say({ kind: "ended", how: "timeLimit" });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await looked).toEqual({ kind: "ended", how: "timeLimit" });
    watch.dispose();
  });
});
