import { randomBytes } from "node:crypto";
import type { Event } from "../common/async/event.js";
import { Cancelled, orCancelled, throwIfCancelled } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import { createConfigReader } from "../ssh/config/config.js";
import type { SshProgram } from "../ssh/config/sshProgram.js";
import type { KnownHosts } from "../ssh/hostKeys/knownHosts.js";
import type { Connection } from "../ssh/model/connection.js";
import type { Interaction } from "../ssh/model/interaction.js";
import type { ListedJob } from "./answers/readQueue.js";
import { justSubmitted } from "./hostJobs.js";
import { createJobList } from "./jobList.js";
import { isOurs, type Job } from "./model/job.js";
import { openJob } from "./openJob.js";
import { createPendingWork } from "./pendingWork.js";
import type { Slurm } from "./slurm.js";
import { createSlurmCommands } from "./slurmCommands.js";
import { createSubmit } from "./submitJob.js";
import { untilEnded, untilRunning } from "./untilState.js";
import { createJobWatch } from "./watch.js";

export interface SlurmOptions {
  readonly program: SshProgram;
  readonly knownHosts: KnownHosts;
  /** Returns the open connection with this id. */
  readonly connection: (loginId: string) => Connection | undefined;
  /** Fires when any connection was opened or closed. */
  readonly onDidChangeConnections: Event<void>;
  /** How long a job runs without a viewer, in seconds. */
  readonly graceSeconds: () => number;
  readonly logger: Logger;
}

/** Milliseconds that shutdown waits for pending requests: as long as Slurm's commands retry a silent controller. */
const settleLimit = 10_000;

/** Creates the service for jobs; `open` connects into one. */
export function createSlurm(options: SlurmOptions): Slurm & {
  open(login: Connection, jobId: string, asking: Interaction, signal?: AbortSignal): Promise<Connection>;
} {
  const { program, knownHosts, connection, onDidChangeConnections, graceSeconds, logger } = options;
  const manager = createSlurmCommands();
  const jobs = createJobWatch({ manager, connection, logger });
  const readConfig = createConfigReader({ program, logger });

  /** The current connection to the login node: the given one may have been lost. */
  const latest = (login: Connection): Connection =>
    login.state === "open" ? login : (connection(login.id) ?? login);
  const pending = createPendingWork();
  const jobList = createJobList({ manager, jobs, latest });
  const ended = new AbortController();
  const looking = { jobList, latest, onDidChangeConnections, ended: ended.signal };
  const submit = createSubmit({ ...looking, manager, jobs, graceSeconds });
  const listed = async (login: Connection, signal?: AbortSignal): Promise<Job[]> =>
    (await jobList(login, signal)).flatMap((job) => withState(job) ?? []);

  return {
    detect: async (login, signal) => orCancelled(manager.detect(latest(login)), signal),
    submit: async (login, request, signal, onDoubt) => {
      throwIfCancelled(signal);
      const key = randomBytes(4).toString("hex");
      const doubt = (): void => {
        logger.info(`${login.id}: it is not known whether a job was submitted; looking for it`);
        onDoubt?.();
      };
      const asked = pending.add(submit(login, request, key, doubt));
      try {
        const id = await orCancelled(asked, signal);
        logger.info(`${login.id}: job ${id} is submitted`);
        jobs.expect(login, id);
        return { id, key, name: "runicorn-remote", partition: request.partition ?? "", state: justSubmitted };
      } catch (error) {
        // Cancelled: cancel the job as well, once it is submitted.
        if (error instanceof Cancelled)
          void pending
            .add(asked.then((id) => manager.cancel(latest(login), id)))
            .catch((late) => logger.info(`${login.id}: ${String(late)}`));
        throw error;
      }
    },
    get submitting() {
      return jobs.held;
    },
    list: async (login, signal) =>
      (await listed(login, signal)).filter((job) => isOurs(job) && job.state.kind !== "ended"),
    others: async (login, signal) =>
      (await listed(login, signal)).filter((job) => !isOurs(job) && job.state.kind === "running"),
    watch: (login, jobId, onState) => jobs.watch(login, jobId, onState),
    get watched() {
      return jobs.all;
    },
    onDidChange: jobs.onDidChange,
    stateOf: (loginId, jobId) => jobs.stateOf(loginId, jobId),
    look: (login, jobId, signal) => jobs.look(latest(login), jobId, signal),
    untilRunning: (login, jobId, signal, onState) => untilRunning(jobs, login, jobId, signal, onState),
    cancel: async (login, jobId) => {
      await pending.add(manager.cancel(latest(login), jobId));
      await untilEnded(jobs, latest(login), jobId);
    },
    isRunning: async (login, jobId, signal) => {
      await orCancelled(jobs.turn(login), signal);
      const [job] = await orCancelled(manager.jobs(latest(login), [jobId]), signal);
      return job?.state?.kind === "running";
    },
    open: async (login, jobId, asking, signal) => {
      const parts = { manager, jobs, readConfig, knownHosts, logger };
      const opened = await openJob(latest(login), jobId, asking, signal, parts);
      opened.onDidClose(({ kind }) => kind === "lost" && jobs.refresh(login));
      return opened;
    },
    release: async ({ job }) => job?.release(),
    get isUnsettled() {
      return pending.isUnsettled;
    },
    settled: () => pending.settled(settleLimit),
    dispose: () => {
      ended.abort();
      jobs.dispose();
    },
  };
}

function withState({ state, ...job }: ListedJob): Job | undefined {
  return state && { ...job, state };
}
