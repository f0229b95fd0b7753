import type { Event } from "../common/async/event.js";
import type { Disposable } from "../common/async/disposable.js";
import type { Connection } from "../ssh/model/connection.js";
import type { SlurmFacts } from "./model/facts.js";
import type { Job, JobState } from "./model/job.js";
import type { JobRequest } from "./model/jobRequest.js";

/** A watched job. */
export interface WatchedJob {
  /** Id of the connection to the login node. */
  readonly loginId: string;
  readonly jobId: string;
  readonly state: JobState;
}

/** Jobs of Slurm clusters, used through their login nodes. README.md of this folder has an example. */
export interface Slurm {
  /**
   * Detects Slurm on the host with one script; cached for as long as the connection is open.
   * @throws Failure with an `SshFailure`, or Cancelled.
   */
  detect(login: Connection, signal?: AbortSignal): Promise<SlurmFacts>;
  /**
   * Submits a job in which viewers can be started once it runs. A running job without a viewer ends after the grace
   * time.
   * @param onDoubt called if it is not known whether the cluster accepted the job. Then the job is looked for, over any
   * later connection, until the cluster answers.
   * @throws Failure `job-request-invalid`, `job-option-not-allowed`, `job-refused`, `slurm-missing`, `slurm-silent`, or
   * with an `SshFailure`; Cancelled, and then a job that was submitted nevertheless is cancelled as soon as the cluster
   * answers. Where the service ends before, there may be a job: {@link list} finds it.
   */
  submit(login: Connection, request: JobRequest, signal?: AbortSignal, onDoubt?: () => void): Promise<Job>;
  /** Connection ids of the login nodes at which a job is being submitted or looked for. */
  readonly submitting: readonly string[];
  /**
   * Our queued and running jobs, from whichever machine they were submitted.
   * @throws Failure `slurm-silent`, `slurm-failed`, or with an `SshFailure`; Cancelled.
   */
  list(login: Connection, signal?: AbortSignal): Promise<readonly Job[]>;
  /**
   * The user's running jobs that are not ours, at most 200.
   * @throws as {@link list}.
   */
  others(login: Connection, signal?: AbortSignal): Promise<readonly Job[]>;
  /**
   * Whether this job of the user runs, ours or not, in a query of its own: {@link others} may leave it out.
   * @throws as {@link list}.
   */
  isRunning(login: Connection, jobId: string, signal?: AbortSignal): Promise<boolean>;
  /**
   * Watches a job until disposed. Polls with one `squeue` per host for all of its jobs: every 2 s at first, less often
   * the longer they wait, and every 30 s while they run. Survives lost connections.
   * @param onState called with the first known state, then on each change.
   */
  watch(login: Connection, jobId: string, onState: (state: JobState) => void): Disposable;
  /** Jobs that have a watcher and a known state. */
  readonly watched: readonly WatchedJob[];
  readonly onDidChange: Event<void>;
  /** The last known state of a job, without a query; undefined if there is none. */
  stateOf(loginId: string, jobId: string): JobState | undefined;
  /**
   * The answer to a query that starts after this call; jobs that are looked at together share one. `unknown` if the
   * cluster does not answer, or the job has been ending for ten seconds.
   * @throws Cancelled
   */
  look(login: Connection, jobId: string, signal?: AbortSignal): Promise<JobState>;
  /**
   * Resolves when the job runs.
   * @param onState called on each change until then.
   * @throws Failure `job-ended`, `job-stuck`, or Cancelled, which does not cancel the job.
   */
  untilRunning(
    login: Connection,
    jobId: string,
    signal?: AbortSignal,
    onState?: (state: JobState) => void,
  ): Promise<void>;
  /**
   * Cancels the job, and resolves when the cluster confirms that it ended. Uses another connection if the given one was
   * lost.
   * @throws Failure `job-not-ended` after a minute, `slurm-silent`, `slurm-failed`, or with an `SshFailure`.
   */
  cancel(login: Connection, jobId: string): Promise<void>;
  /** Gives up our claim on the job behind this connection, which then ends unless it has a viewer. Never rejects. */
  release(inside: Connection): Promise<void>;
  /** Whether a submission or cancellation is pending, or was when {@link settled} gave up: which jobs are left is unknown. */
  readonly isUnsettled: boolean;
  /** Resolves when no submission or cancellation is pending, after ten seconds at most. Never rejects. */
  settled(): Promise<void>;
  dispose(): void;
}
