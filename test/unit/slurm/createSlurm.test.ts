import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Cancelled } from "../../../src/common/failure.js";
import { silentLogger } from "../../../src/common/logger.js";
import { createSlurm, type SlurmOptions } from "../../../src/slurm/createSlurm.js";
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
