import type { Event } from "../common/async/event.js";
import type { Disposable } from "../common/async/disposable.js";
import type { Connection } from "../ssh/model/connection.js";
import type { SlurmFacts } from "./model/facts.js";
import type { Job, JobState } from "./model/job.js";
import type { JobRequest } from "./model/jobRequest.js";

/** A job that is watched, on its login node. */
export interface WatchedJob {
  /** Of the login node's connection. */
  readonly loginId: string;
  readonly jobId: string;
  readonly state: JobState;
}

/** Jobs of clusters, behind their login nodes. How a job is used as a place: README.md of this folder. */
export interface Slurm {
  /**
   * What the host has of Slurm. One script; what was found is kept for as long as the connection is open.
   * @throws Failure with an `SshFailure`, or Cancelled.
   */
  detect(login: Connection, signal?: AbortSignal): Promise<SlurmFacts>;
  /**
   * Has the cluster take a job of ours, in which viewers can be started once it runs. A job that runs while nobody is there
   * ends after the grace time.
   * @throws Failure `job-request-invalid`, `job-option-not-allowed`, `job-refused`, `slurm-missing`, `slurm-silent`, or with an
   * `SshFailure`; Cancelled, and then a job that the cluster takes all the same is removed as soon as it answers. Where it does
   * not answer, or the connection is lost, it is not known whether there is a job: {@link list} finds it.
   * @param onDoubt called where it is not known whether the cluster has taken the job. It is looked for then until the cluster
   * answers, over whichever connection, as long as that takes. Without this it is looked for once.
   */
  submit(login: Connection, request: JobRequest, signal?: AbortSignal, onDoubt?: () => void): Promise<Job>;
  /** The login nodes that such a job is submitted at, or looked for, by the ids of their connections. */
  readonly submitting: readonly string[];
  /**
   * Jobs of ours that wait or run, whoever submitted them, from whichever machine.
   * @throws Failure `slurm-silent`, `slurm-failed`, or with an `SshFailure`; Cancelled.
   */
  list(login: Connection, signal?: AbortSignal): Promise<readonly Job[]>;
  /**
   * All running jobs of the person that are not ours, 200 at most.
   * @throws as {@link list}.
   */
  others(login: Connection, signal?: AbortSignal): Promise<readonly Job[]>;
  /**
   * Hears how a job is, from what is known now on, until disposed: one `squeue` per host for all jobs of it, each 2 s at
   * first, ever more rarely while one waits, and each 30 s while they run. Goes on over lost connections.
   * @param onState hears the first state as soon as it is known, and then each change.
   */
  watch(login: Connection, jobId: string, onState: (state: JobState) => void): Disposable;
  /** Those that anybody watches, and those that a connection of ours leads into. */
  readonly watched: readonly WatchedJob[];
  readonly onDidChange: Event<void>;
  /** What is known of a job without asking; undefined for one that nobody watches. */
  stateOf(loginId: string, jobId: string): JobState | undefined;
  /**
   * What the cluster says to a question that is asked from now on; one for all jobs that are looked at together. `unknown` too
   * of one that has been ending for ten seconds. Never a failure of the cluster's.
   * @throws Cancelled
   */
  look(login: Connection, jobId: string, signal?: AbortSignal): Promise<JobState>;
  /**
   * Resolves when the job runs.
   * @param onState hears each change meanwhile.
   * @throws Failure `job-ended`, `job-stuck`, or Cancelled: the job stays.
   */
  untilRunning(
    login: Connection,
    jobId: string,
    signal?: AbortSignal,
    onState?: (state: JobState) => void,
  ): Promise<void>;
  /**
   * Has the cluster end the job, and resolves when it says so. Over another connection where the given one was lost.
   * @throws Failure `job-not-ended` after a minute, `slurm-silent`, `slurm-failed`, or with an `SshFailure`.
   */
  cancel(login: Connection, jobId: string): Promise<void>;
  /** Nobody needs a job of ours any more that this connection leads into: where no viewer is in it, it ends. Never rejects. */
  release(inside: Connection): Promise<void>;
  /** Resolves when no job is being asked for or removed, after ten seconds at most. Never rejects. */
  settled(): Promise<void>;
  dispose(): void;
}
