import { beforeEach, describe, expect, it } from "vitest";
import type { App } from "../../../../src/app.js";
import { Cancelled, Failure } from "../../../../src/common/failure.js";
import type { SlurmFailure } from "../../../../src/slurm/model/failures.js";
import type { JobState } from "../../../../src/slurm/model/job.js";
import { usualRequest } from "../../../../src/slurm/model/jobRequest.js";
import type { Connection } from "../../../../src/ssh/model/connection.js";
import { unattended } from "../../../../src/ssh/model/interaction.js";
import { PutOff } from "../../../../src/vscode/jobKit/putOff.js";
import type { OpeningProgress, ViewerChoice } from "../../../../src/vscode/kit/progress.js";
import { openJob } from "../../../../src/vscode/slurm/openJob.js";

const login = { id: "ada@gpu:22", target: { host: "gpu" }, state: "open" } as Connection;
const inside = {
  id: "ada@job-7:22 via ada@gpu:22",
  onDidClose: (listener: () => void) => {
    queueMicrotask(listener);
    return { dispose: () => undefined };
  },
  close: () => {
    did.push("close");
    return Promise.resolve();
  },
} as unknown as Connection;
const newJob = { where: { kind: "job", request: usualRequest } } as const;
const queued: JobState = { kind: "queued", reason: "Priority", expectedStart: undefined, isStuck: false };
const running: JobState = { kind: "running", node: "n1", endsAt: undefined };
const stuck = (reason: string): Failure<SlurmFailure> =>
  new Failure<SlurmFailure>({ code: "job-stuck", host: "gpu", jobId: "7", reason });

let did: string[];
/** What the person reads while they wait. */
let told: string[];
/** Whether the answer to the submission is lost. */
let isDoubtful: boolean;
let stop: AbortController;
/** Jobs that another one was wanted beside. */
let known: readonly string[] | undefined;
/** What the cluster says of the job when it is to be removed. */
let now: JobState | undefined;
/** In which job a viewer is known, and behind which login node. */
let used: string | undefined;
let usedBehind: string;
/** What becomes of the wait. */
let wait: (signal: AbortSignal | undefined, hear: (state: JobState) => void) => Promise<void>;
beforeEach(() => {
  did = [];
  told = [];
  isDoubtful = false;
  stop = new AbortController();
  now = queued;
  used = undefined;
  usedBehind = login.id;
  wait = () => Promise.resolve();
});

const app = {
  slurm: {
    list: () => Promise.resolve(now ? ["3", "7"].map((id) => ({ id, state: now })) : []),
    release: ({ id }: Connection) => {
      did.push(`release ${id}`);
      return Promise.resolve();
    },
    untilRunning: (
      _: Connection,
      jobId: string,
      signal: AbortSignal | undefined,
      hear: (state: JobState) => void,
    ) => {
      did.push(`wait for ${jobId}`);
      return wait(signal, hear);
    },
    cancel: (_: Connection, jobId: string) => {
      did.push(`cancel ${jobId}`);
      return Promise.resolve();
    },
  },
  takeJob: (
    _: Connection,
    __: unknown,
    options: { onDoubt?: () => void; known?: readonly string[] } = {},
  ) => {
    const { onDoubt } = options;
    known = options.known;
    did.push("submit");
    if (isDoubtful) onDoubt?.();
    return Promise.resolve({ jobId: "7", isNew: true });
  },
  viewers: {
    get sessions() {
      return used === undefined ? [] : [{ id: used, connectionId: `ada@job-${used}:22 via ${usedBehind}` }];
    },
    targetOf: (id: string) => ({ host: `job ${id} on gpu` }),
  },
  connections: {
    get: () => undefined,
    connect: ({ target }: { target: { host: string } }) => {
      did.push(`connect to ${target.host}`);
      return Promise.resolve(inside);
    },
  },
  savedConnections: { get: () => Promise.resolve(undefined) },
} as unknown as App;

const open = (
  wanted: Parameters<typeof openJob>[2] = newJob,
  more: { attended?: boolean; login?: Connection } = {},
) => {
  const progress: OpeningProgress = (_, work) => work(stop.signal, (text) => void told.push(text));
  const opening = {
    login,
    progress,
    attended: true,
    interaction: unattended,
    choice: {} as ViewerChoice,
    ...more,
  };
  return openJob(app, opening, wanted);
};

const untilAborted = (signal: AbortSignal | undefined): Promise<void> =>
  new Promise((_, reject) => signal?.addEventListener("abort", () => reject(new Cancelled())));

describe("a job that was there when it was chosen", () => {
  const ended = (how: "completed" | "cancelled"): Failure<SlurmFailure> =>
    new Failure<SlurmFailure>({ code: "job-ended", host: "gpu", jobId: "3", how });

  it("is followed by another one where it ends by itself, after its last viewer, before anybody is in it", async () => {
    const ends = [ended("completed")];
    wait = () => {
      const end = ends.pop();
      return end ? Promise.reject(end) : Promise.resolve();
    };
    expect((await open({ ...newJob, jobId: "3" })).connection).toBe(inside);
    expect(did).toEqual(["wait for 3", "submit", "wait for 7", "connect to job 7 on gpu"]);
    expect(known).toEqual(["3"]);
  });

  it("is followed by none where somebody ended it, or where it is the person's own", async () => {
    wait = () => Promise.reject(ended("cancelled"));
    await expect(open({ ...newJob, jobId: "3" })).rejects.toMatchObject({ detail: { how: "cancelled" } });
    wait = () => Promise.reject(ended("completed"));
    await expect(open({ where: { kind: "running", jobId: "3" } })).rejects.toThrow("job-ended");
    expect(did).toEqual(["wait for 3", "wait for 3"]);
  });

  it("is followed by none where nobody can be asked", async () => {
    wait = () => Promise.reject(ended("completed"));
    await expect(open({ ...newJob, jobId: "3" }, { attended: false })).rejects.toThrow(Cancelled);
  });
});

describe("a new job", () => {
  it("is awaited, and connected to", async () => {
    expect((await open()).connection).toBe(inside);
    expect(did).toEqual(["submit", "wait for 7", "connect to job 7 on gpu"]);
  });

  it("is said to be looked for where it is not known whether the cluster has taken it", async () => {
    isDoubtful = true;
    await open();
    expect(told[0]).toBe("We do not know whether the job was submitted. Looking…");
  });

  it("is told that it is not needed if nothing was started in it, so that it ends unless somebody else uses it", async () => {
    const opened = await open();
    await opened.giveUp();
    expect(did.slice(-2)).toEqual([`release ${inside.id}`, "close"]);
  });

  it("is left alone if a viewer of ours runs in it by then", async () => {
    const opened = await open();
    used = "7";
    await opened.giveUp();
    expect(did.at(-1)).toBe("connect to job 7 on gpu");
  });

  it.each([
    ["runs, and nobody else uses it", running, undefined, true],
    ["runs with the viewer of another tab", running, "7", false],
    ["runs, while another job is used", running, "8", true],
    ["is over", undefined, undefined, false],
  ] as const)("that %s when the user cancels: is it cancelled?", async (_, state, user, isRemoved) => {
    [now, used] = [state, user];
    wait = untilAborted;
    const opening = open();
    await new Promise(setImmediate);
    stop.abort(new Cancelled());
    await expect(opening).rejects.toThrow(Cancelled);
    expect(did.includes("cancel 7")).toBe(isRemoved);
  });

  it("is cancelled though a viewer is in a job of another cluster with the same number", async () => {
    [now, used, usedBehind] = [running, "7", "ada@other:22"];
    wait = untilAborted;
    const opening = open();
    await new Promise(setImmediate);
    stop.abort(new Cancelled());
    await expect(opening).rejects.toThrow(Cancelled);
    expect(did.at(-1)).toBe("cancel 7");
  });

  it("is not submitted if nobody is there", async () => {
    await expect(open(newJob, { attended: false })).rejects.toThrow(Cancelled);
    expect(did).toEqual([]);
  });

  it("is cancelled when the user cancels", async () => {
    wait = untilAborted;
    const opening = open();
    await new Promise(setImmediate);
    stop.abort(new Cancelled());
    await expect(opening).rejects.toThrow(Cancelled);
    expect(did).toEqual(["submit", "wait for 7", "cancel 7"]);
  });

  it("keeps its place in the queue when the user does something else meanwhile", async () => {
    wait = untilAborted;
    const opening = open();
    await new Promise(setImmediate);
    stop.abort(new PutOff());
    await expect(opening).rejects.toThrow(Cancelled);
    expect(did).toEqual(["submit", "wait for 7"]);
  });

  it.each([
    ["PartitionTimeLimit", true],
    ["JobHeldUser", false],
    ["JobHeldAdmin", false],
  ])(
    "fails at once if it never starts (%s), and is cancelled unless somebody holds it",
    async (reason, isRemoved) => {
      wait = () => Promise.reject(stuck(reason));
      await expect(open()).rejects.toMatchObject({ detail: { code: "job-stuck" } });
      expect(did.includes("cancel 7")).toBe(isRemoved);
    },
  );
});

describe("an existing job", () => {
  it("is used instead of a new one", async () => {
    const opened = await open({ ...newJob, jobId: "3" }, { attended: false });
    await opened.giveUp();
    expect(did).toEqual(["wait for 3", "connect to job 3 on gpu"]);
  });

  it.each([
    ["waits", queued, true],
    ["runs: another window may have a viewer in it", running, false],
  ])("of ours that %s: does Cancel remove it?", async (_, state, isRemoved) => {
    now = state;
    wait = untilAborted;
    const opening = open({ ...newJob, jobId: "3" });
    await new Promise(setImmediate);
    stop.abort(new Cancelled());
    await expect(opening).rejects.toThrow(Cancelled);
    expect(did.includes("cancel 3")).toBe(isRemoved);
  });

  it("of the user's own is never cancelled", async () => {
    wait = untilAborted;
    const opening = open({ where: { kind: "running", jobId: "12" } });
    await new Promise(setImmediate);
    stop.abort(new Cancelled());
    await expect(opening).rejects.toThrow(Cancelled);
    expect(did).toEqual(["wait for 12"]);
  });

  it("is reached again after the login node was lost during the wait", async () => {
    await open({ ...newJob, jobId: "3" }, { login: { ...login, state: "lost" } as unknown as Connection });
    expect(did).toEqual(["wait for 3", "connect to gpu", "connect to job 3 on gpu"]);
  });
});
