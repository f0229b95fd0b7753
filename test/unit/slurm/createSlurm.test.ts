import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Emitter } from "../../../src/common/async/event.js";
import { Cancelled } from "../../../src/common/failure.js";
import { silentLogger } from "../../../src/common/logger.js";
import { createSlurm, type SlurmOptions } from "../../../src/slurm/createSlurm.js";
import type { Job } from "../../../src/slurm/model/job.js";
import { usualRequest } from "../../../src/slurm/model/jobRequest.js";
import { untilEnded } from "../../../src/slurm/untilState.js";
import { createSshProgram } from "../../../src/ssh/config/sshProgram.js";
import { createJobWatch } from "../../../src/slurm/watch.js";
import type { WorkloadManager } from "../../../src/slurm/workloadManager.js";
import type { Connection } from "../../../src/ssh/model/connection.js";
import { type FakeLogin, fakeLogin } from "../../support/slurm/fakeLogin.js";

const begun = `if [ "$1" = --version ]; then echo slurm 22.05.8; exit; fi\ncat >/dev/null; echo yes >>"$FOLDER/begun"`;
const program = createSshProgram({ home: "/nowhere", environment: {} });
/** Takes a job once it may. */
const slow = `${begun}; until [ -e "$FOLDER/go" ]; do sleep 0.02; done; echo 101`;
const scancel = 'echo "$*" >>"$FOLDER/cancelled"; rm -f "$FOLDER/lives"';
const squeue = `[ -e "$FOLDER/lives" ] && echo "7|RUNNING|None|1|1:00|node1|x|(null)|runicorn-remote"; exit 0`;

describe.skipIf(process.platform === "win32")("the jobs behind a login node", () => {
  let fake: FakeLogin | undefined;
  afterEach(() => fake?.remove());
  const slurmOf = (connection: SlurmOptions["connection"]) =>
    createSlurm({ program, connection, graceSeconds: () => 30, logger: silentLogger } as SlurmOptions);

  it("are settled when an unwanted job is cancelled", async () => {
    const one = (fake = await fakeLogin({ sbatch: slow, scancel }));
    const slurm = slurmOf(() => one.login);
    const given = new AbortController();
    const submitting = slurm.submit(one.login, usualRequest, given.signal);
    await vi.waitUntil(async () => (await one.lines("begun")).length > 0, { timeout: 5_000 });
    given.abort();
    await expect(submitting).rejects.toThrow(Cancelled);
    const settled = slurm.settled();
    await one.write("go");
    await settled;
    expect(await one.lines("cancelled")).toEqual(["101"]);
    slurm.dispose();
  });

  it("are cancelled over the connection that there is now", async () => {
    const one = (fake = await fakeLogin({ squeue, scancel }));
    await one.write("lives");
    const closed = { id: one.login.id, state: "closed", target: one.login.target } as Connection;
    const slurm = slurmOf(() => one.login);
    await slurm.cancel(closed, "7");
    expect(await one.lines("cancelled")).toEqual(["7"]);
    slurm.dispose();
  });

  it("run or not, also one that is not among the first of a list", async () => {
    const all = `
line() { echo "$1|$2|None|1|1:00|node1|x|(null)|train"; }
case "$*" in
*"-j 999 "*) line 999 COMPLETED ;;
*"-j 1300 "*) line 1300 RUNNING ;;
*"-j "*) echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1 ;;
*) for id in $(seq 1001 1300); do line $id RUNNING; done ;;
esac`;
    const { login } = (fake = await fakeLogin({ squeue: all }));
    const slurm = slurmOf(() => login);
    expect((await slurm.others(login)).some(({ id }) => id === "1300")).toBe(false);
    const running = ["999", "1300", "5"].map((id) => slurm.isRunning(login, id));
    expect(await Promise.all(running)).toEqual([false, true, false]);
    slurm.dispose();
  });
});

/** Takes a job and tells nobody, then knows it unless the controller is silent. */
const taking = `${begun.replace("cat >/dev/null;", "cat >/dev/null; for word; do case $word in *runicorn-remote:*) echo ${word##*:} >>$FOLDER/taken ;; esac; done;")}; echo 101`;
const knowing = `echo asked >>"$FOLDER/asked"
[ -e "$FOLDER/silent" ] && { echo "error: Unable to contact slurm controller" >&2; exit 1; }
for key in $(cat "$FOLDER/taken"); do echo "101|PENDING|None|N/A|1:00||x|runicorn-remote:$key|runicorn-remote"; done`;

describe.skipIf(process.platform === "win32")("a job whose answer was lost", () => {
  let fake: FakeLogin | undefined;
  afterEach(() => fake?.remove());
  const world = async (commands: Readonly<Record<string, string>>) => {
    const one = (fake = await fakeLogin(commands));
    await one.write("silent");
    const changed = new Emitter<void>();
    /** What stands for the connection to the login node; undefined while that is lost. */
    const state: { login: Connection | undefined } = { login: one.login };
    const slurm = createSlurm({
      ...{ program, graceSeconds: () => 30, logger: silentLogger },
      connection: () => state.login,
      onDidChangeConnections: changed.event,
    } as unknown as SlurmOptions);
    let doubts = 0;
    const given = new AbortController();
    /** Goes in with a connection that ends, like one that is lost. */
    const first = { ...one.login, state: "open" as Connection["state"] };
    const submitting = (): Promise<Job> =>
      slurm.submit(first, usualRequest, given.signal, () => (doubts += 1));
    /** As a program does it that need not be told. */
    const untold = (): Promise<Job> => slurm.submit(first, usualRequest, given.signal);
    return { one, slurm, state, changed, first, given, submitting, untold, doubts: () => doubts };
  };

  it("is found by itself as soon as the cluster answers, and the person is told meanwhile", async () => {
    const { one, slurm, submitting, doubts } = await world({ sbatch: taking, squeue: knowing });
    one.failNext("exec", "exec-timed-out");
    const submitted = submitting();
    await vi.waitUntil(() => doubts() > 0, { timeout: 5_000 });
    expect(slurm.submitting).toEqual([one.login.id]);
    await one.remove("silent");
    expect((await submitted).id).toBe("101");
    expect([slurm.submitting, await one.lines("taken")]).toEqual([[], [expect.any(String)]]);
    slurm.dispose();
  });

  it("is looked for until the cluster answers also where nobody is told of the doubt", async () => {
    const { one, slurm, untold } = await world({ sbatch: taking, squeue: knowing });
    one.failNext("exec", "exec-timed-out");
    const submitted = untold();
    await vi.waitUntil(async () => (await one.lines("asked")).length > 0, { timeout: 5_000 });
    expect(slurm.submitting).toEqual([one.login.id]);
    await one.remove("silent");
    expect((await submitted).id).toBe("101");
    slurm.dispose();
  });

  it("is looked for at once when the login node is there again", async () => {
    const { one, slurm, state, changed, first, submitting, doubts } = await world({
      ...{ sbatch: taking, squeue: knowing },
    });
    await one.remove("silent");
    one.failNext("exec", "connection-lost");
    const submitted = submitting();
    state.login = undefined;
    first.state = "closed";
    await vi.waitUntil(() => doubts() > 0, { timeout: 5_000 });
    state.login = one.login;
    changed.fire();
    const backAt = performance.now();
    expect((await submitted).id).toBe("101");
    expect(performance.now() - backAt).toBeLessThan(1_500);
    slurm.dispose();
  });

  it("was not taken where the cluster does not have it, and says why there is no answer", async () => {
    const { one, slurm, submitting } = await world({ sbatch: begun, squeue: "exit 0" });
    one.failNext("exec", "exec-timed-out");
    await expect(submitting()).rejects.toMatchObject({ detail: { code: "slurm-silent" } });
    slurm.dispose();
  });

  it("is removed when it is found, where nobody wants it any more", async () => {
    const { one, slurm, submitting, given, doubts } = await world({
      ...{ sbatch: taking, squeue: knowing, scancel },
    });
    one.failNext("exec", "exec-timed-out");
    const submitted = submitting();
    await vi.waitUntil(() => doubts() > 0, { timeout: 5_000 });
    given.abort();
    await expect(submitted).rejects.toThrow(Cancelled);
    await one.remove("silent");
    await slurm.settled();
    expect(await one.lines("cancelled")).toEqual(["101"]);
    slurm.dispose();
  });
});

describe("the questions to one cluster", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** A login node that answers at once, and when it was asked for jobs. */
  const world = () => {
    const askedAt: number[] = [];
    const lines = [
      ["1", "RUNNING", "node1", "(null)", "train"],
      ["2", "PENDING", "", "runicorn-remote:0a1b2c3d", "runicorn-remote"],
      ["3", "COMPLETING", "node1", "runicorn-remote:0a1b2c3e", "runicorn-remote"],
    ].map(([id, word, node, comment, name]) => `${id}|${word}|None|1|1:00|${node}|x|${comment}|${name}`);
    const run = (text: Buffer): Promise<unknown> => {
      const isQuestion = text.includes("squeue -h");
      if (isQuestion) askedAt.push(performance.now());
      const said = isQuestion
        ? ["now 1", ...lines]
        : ["bin /usr/bin", "version slurm 22.05.8", "answers yes"];
      const output = Buffer.from(said.join("\n"));
      return Promise.resolve({ output, stderr: Buffer.alloc(0), code: 0, truncated: false });
    };
    const login = { id: "ada@login:22", state: "open", target: { host: "login" }, heldShell: { run } };
    const one = login as unknown as Connection;
    const slurm = createSlurm({
      ...{ program, connection: () => one, graceSeconds: () => 30, logger: silentLogger },
    } as unknown as SlurmOptions);
    const gaps = (): number[] => askedAt.slice(1).map((at, index) => at - (askedAt[index] ?? at));
    return { login: one, slurm, askedAt, gaps };
  };
  const idsOf = (jobs: readonly { id: string }[]): string[] => jobs.map(({ id }) => id);

  it("are one for all who ask at the same moment, and go at once where none was asked lately", async () => {
    const { login, slurm, askedAt } = world();
    const startedAt = performance.now();
    const asked = Promise.all([slurm.list(login), slurm.others(login), slurm.list(login)]);
    await vi.advanceTimersByTimeAsync(1);
    expect((await asked).map(idsOf)).toEqual([["2"], ["1"], ["2"]]);
    expect(askedAt).toHaveLength(1);
    expect((askedAt[0] ?? Infinity) - startedAt).toBeLessThan(2);
    slurm.dispose();
  });

  it("are two seconds apart, those of the watch too", async () => {
    const { login, slurm, askedAt, gaps } = world();
    slurm.watch(login, "2", () => undefined);
    for (let turn = 0; turn < 20; turn += 1) {
      void slurm.list(login);
      if (turn % 3 === 0) void slurm.others(login);
      await vi.advanceTimersByTimeAsync(700);
    }
    expect(askedAt.length).toBeGreaterThan(5);
    expect(Math.min(...gaps())).toBeGreaterThanOrEqual(2_000);
    slurm.dispose();
  });

  it("are given up where nobody waits for the answer any more", async () => {
    const { login, slurm, askedAt } = world();
    void slurm.list(login);
    await vi.advanceTimersByTimeAsync(1);
    const given = new AbortController();
    const cancelled = expect(slurm.list(login, given.signal)).rejects.toThrow(Cancelled);
    given.abort();
    await cancelled;
    const late = expect(slurm.others(login)).rejects.toThrow(Cancelled);
    slurm.dispose();
    await vi.advanceTimersByTimeAsync(5_000);
    await late;
    expect(askedAt).toHaveLength(1);
  });
});

describe("the end of a job that was cancelled", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("is a failure where the cluster does not say so within a minute", async () => {
    const login = { id: "ada@login:22", state: "open", target: { host: "login" } } as Connection;
    const state = { kind: "running", node: "node1", endsAt: undefined };
    const manager = { jobs: () => Promise.resolve([{ id: "7", state }]) } as unknown as WorkloadManager;
    const jobs = createJobWatch({ manager, connection: () => login, logger: silentLogger });
    const failed = expect(untilEnded(jobs, login, "7")).rejects.toMatchObject({
      detail: { code: "job-not-ended", jobId: "7" },
    });
    await vi.advanceTimersByTimeAsync(61_000);
    await failed;
    jobs.dispose();
  });
});
