import { randomBytes } from "node:crypto";
import { Cancelled, Failure, orCancelled, throwIfCancelled } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import { createConfigReader } from "../ssh/config/config.js";
import type { SshProgram } from "../ssh/config/sshProgram.js";
import type { KnownHosts } from "../ssh/hostKeys/knownHosts.js";
import type { Connection } from "../ssh/model/connection.js";
import type { Interaction } from "../ssh/model/interaction.js";
import type { ListedJob } from "./answers/readQueue.js";
import type { SlurmFailure } from "./model/failures.js";
import type { Job, JobState } from "./model/job.js";
import { openJob } from "./openJob.js";
import type { Slurm } from "./slurm.js";
import { createSlurmCommands } from "./slurmCommands.js";
import { createJobWatch } from "./watch.js";

export interface SlurmOptions {
  readonly program: SshProgram;
  readonly knownHosts: KnownHosts;
  /** The open connection of this id. */
  readonly connection: (loginId: string) => Connection | undefined;
  /** Seconds that a job lives on without a viewer. */
  readonly graceSeconds: () => number;
  readonly logger: Logger;
}

/** Milliseconds in which a job that is cancelled is over: what runs in it has half a minute to end. */
const cancelLimit = 60_000;
/** Milliseconds for a word to the job. */
const releaseLimit = 3_000;

/** The jobs, and what opens connections into them. */
export function createSlurm(options: SlurmOptions): Slurm & {
  open(login: Connection, jobId: string, asking: Interaction, signal?: AbortSignal): Promise<Connection>;
} {
  const { program, knownHosts, connection, logger } = options;
  const manager = createSlurmCommands();
  const jobs = createJobWatch({ manager, connection, logger });
  const readConfig = createConfigReader({ program, logger });

  const listed = async (login: Connection, which: "ours" | "others", signal?: AbortSignal): Promise<Job[]> =>
    (await manager.queue(login, which, signal)).flatMap((job) => withState(job) ?? []);

  return {
    detect: async (login, signal) => orCancelled(manager.detect(login), signal),
    submit: async (login, request, signal) => {
      throwIfCancelled(signal);
      const key = randomBytes(4).toString("hex");
      const asked = manager.submit(login, request, key, options.graceSeconds());
      try {
        const id = await orCancelled(asked, signal);
        logger.info(`${login.id}: job ${id} is submitted`);
        jobs.expect(login, id);
        const state: JobState = { kind: "queued", reason: "None", expectedStart: undefined, isStuck: false };
        return { id, key, name: "runicorn-remote", partition: request.partition ?? "", state };
      } catch (error) {
        // Nobody waits for it any more.
        if (error instanceof Cancelled)
          void asked
            .then((id) => manager.cancel(login, id))
            .catch((late) => logger.info(`${login.id}: ${String(late)}`));
        throw error;
      }
    },
    list: async (login, signal) =>
      (await listed(login, "ours", signal)).filter(({ state }) => state.kind !== "ended"),
    others: async (login, signal) =>
      (await listed(login, "others", signal)).filter(
        ({ key, state }) => key === undefined && state.kind === "running",
      ),
    watch: (login, jobId, onState) => jobs.watch(login, jobId, onState),
    get watched() {
      return jobs.all;
    },
    onDidChange: jobs.onDidChange,
    stateOf: (loginId, jobId) => jobs.stateOf(loginId, jobId),
    untilRunning: (login, jobId, signal, onState) =>
      untilState(signal, (settle, reject) =>
        jobs.watch(login, jobId, (state) => {
          onState?.(state);
          const { host } = login.target;
          if (state.kind === "running") settle();
          else if (state.kind === "ended")
            reject(new Failure<SlurmFailure>({ code: "job-ended", host, jobId, how: state.how }));
          else if (state.kind === "queued" && state.isStuck)
            reject(new Failure<SlurmFailure>({ code: "job-stuck", host, jobId, reason: state.reason }));
        }),
      ),
    cancel: async (login, jobId) => {
      await manager.cancel(login, jobId);
      const limit = AbortSignal.timeout(cancelLimit);
      const holding = jobs.watch(login, jobId);
      try {
        const state = await jobs.look(login, jobId, limit);
        if (state.kind !== "ended" && state.kind !== "unknown")
          await untilState(limit, (settle) =>
            jobs.watch(login, jobId, ({ kind }) => void (kind === "ended" && settle())),
          );
      } finally {
        holding.dispose();
      }
    },
    open: async (login, jobId, asking, signal) => {
      const parts = { manager, jobs, readConfig, knownHosts, logger };
      const opened = await openJob(login, jobId, asking, signal, parts);
      opened.onDidClose(({ kind }) => kind === "lost" && jobs.hurry(login));
      return opened;
    },
    release: async ({ job, heldShell }) => {
      if (job?.keeper === undefined) return;
      const line = `[ ! -p ${job.keeper}/requests ] || echo leave >${job.keeper}/requests\n`;
      await heldShell.run(Buffer.from(line), { timeout: releaseLimit }).catch(() => undefined);
    },
    dispose: () => jobs.dispose(),
  };
}

function withState({ state, ...job }: ListedJob): Job | undefined {
  return state && { ...job, state };
}

/** @throws what `reject` was called with, or Cancelled. */
function untilState(
  signal: AbortSignal | undefined,
  listen: (settle: () => void, reject: (error: Error) => void) => { dispose(): void },
): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const finish = (act: () => void): void => {
      signal?.removeEventListener("abort", onAbort);
      listening?.dispose();
      act();
    };
    const onAbort = (): void => finish(() => reject(new Cancelled()));
    signal?.addEventListener("abort", onAbort, { once: true });
    const listening = listen(
      () => finish(resolve),
      (error) => finish(() => reject(error)),
    );
    if (signal?.aborted) onAbort();
  });
}
