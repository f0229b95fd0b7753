import type { Gpu, HostStatus } from "./status.js";

/** A run whose files say that it is running. */
export interface KnownRun {
  readonly syncId: string;
  readonly id: string;
  readonly pid: number | undefined;
  /** What the machine that it was started on calls itself. */
  readonly hostname: string | undefined;
  /** Seconds since the epoch by the host's clock. */
  readonly startedAt: number | undefined;
}

/** A run whose process is there. */
export interface Training {
  readonly run: KnownRun;
  readonly pid: number;
  readonly user: string;
  /** GPUs that it, or a process that it started, computes on. */
  readonly gpus: readonly Gpu[];
}

/** Seconds that a process may seem younger than its run: clocks are set, and ages are told in whole seconds. */
const slack = 60;

/** Those of the runs that a process of this host works at. One that began after its run only has its number. */
export function trainingsOf(status: HostStatus, runs: readonly KnownRun[]): Training[] {
  return runs.flatMap((run) => {
    const { pid, hostname, startedAt } = run;
    const process = pid === undefined ? undefined : status.processes.get(pid);
    if (pid === undefined || !process || hostname !== status.name) return [];
    if (startedAt !== undefined && (process.beganAt ?? 0) > startedAt + slack) return [];
    const gpus = status.gpus.filter(({ processes }) =>
      processes.some((one) => one.pid === pid || status.processes.get(one.pid)?.parent === pid),
    );
    return [{ run, pid, user: process.user, gpus }];
  });
}
