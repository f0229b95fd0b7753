import type { Gpu, HostStatus } from "./status.js";

/** A run that is running according to its files. */
export interface KnownRun {
  readonly syncId: string;
  readonly id: string;
  /** Relative to the root. */
  readonly folder: string;
  readonly pid: number | undefined;
  /** Host name of the machine that it was started on. */
  readonly hostname: string | undefined;
  /** Seconds since the epoch by the host's clock. */
  readonly startedAt: number | undefined;
}

/** A run whose process exists. */
export interface Training {
  readonly run: KnownRun;
  readonly pid: number;
  readonly user: string;
  /** GPUs that the process, or a child of it, uses. */
  readonly gpus: readonly Gpu[];
}

/** Seconds by which a process may seem younger than its run: clocks are adjusted, and ages are whole seconds. */
const slack = 60;

/** The runs whose process exists on this host. A process that began after its run only reuses the PID. */
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
