/** How busy a host is. Undefined, or nothing, is what it does not tell. Texts are the host's own words: any characters. */
export interface HostStatus {
  /** What it calls itself. */
  readonly name: string | undefined;
  /** e.g. `Linux`, `Darwin`. */
  readonly system: string | undefined;
  readonly cores: number | undefined;
  /** Cores' worth of time that its control groups allow, where that is less. */
  readonly coreLimit: number | undefined;
  /** Averages over 1, 5 and 15 minutes. */
  readonly load: readonly [number, number, number] | undefined;
  readonly memory: Memory | undefined;
  /** In the order of the roots that were asked about. */
  readonly disks: readonly Disk[];
  readonly gpus: readonly Gpu[];
  /** Processes on GPUs of which it is not told which. */
  readonly otherGpuProcesses: readonly GpuProcess[];
  /** GPUs beside those, or processes on them: very many are not told. */
  readonly isShortened: boolean;
  /** Why there is nothing of the GPUs of a maker, where a tool for them is there. */
  readonly gpuTrouble: readonly ToolTrouble[];
  /** Those that were asked about and those on GPUs, by number. */
  readonly processes: ReadonlyMap<number, HostProcess>;
  /** Tools that hang and could not be ended, for the next call: `NAME=PID ...`. */
  readonly stuck: string;
}

/** Bytes. */
export interface Memory {
  readonly total: number;
  readonly available: number;
  /** It is what a control group allows, as in a container. */
  readonly isLimit: boolean;
}

export interface Disk {
  /** Bytes; undefined where `df` does not tell. */
  readonly space: { readonly total: number; readonly available: number } | undefined;
  /** `df` did not answer in time. */
  readonly isLate: boolean;
}

export interface Gpu {
  /** As its tool numbers it; of two makers there may be two of one number. */
  readonly index: string;
  readonly name: string;
  /** Percent of the last moments in which it computed. */
  readonly use: number | undefined;
  /** Bytes. */
  readonly memory: { readonly total: number; readonly used: number } | undefined;
  /** Degrees Celsius. */
  readonly temperature: number | undefined;
  readonly processes: readonly GpuProcess[];
}

export interface GpuProcess {
  readonly pid: number;
  readonly name: string;
  /** Bytes on that GPU. */
  readonly memory: number | undefined;
  /** The account; undefined where the host shows no such process, as in a container. */
  readonly user: string | undefined;
}

export interface HostProcess {
  readonly parent: number;
  readonly user: string;
  readonly name: string;
  /** Seconds since the epoch by the host's clock. */
  readonly beganAt: number | undefined;
}

export interface ToolTrouble {
  readonly tool: "nvidia-smi" | "rocm-smi";
  /** `late`: it did not answer in time. `failed`: it told of no GPU. */
  readonly kind: "late" | "failed";
  /** What it said instead; empty: nothing. */
  readonly said: string;
}

/** Percent of use and share of memory from which a GPU counts as busy where no process on it can be seen. */
const busyUse = 5;
const busyMemory = 0.1;

/** Whether somebody computes on it, or has it reserved. */
export function isBusy({ use, memory, processes }: Gpu): boolean {
  return (
    processes.length > 0 ||
    (use ?? 0) >= busyUse ||
    (memory !== undefined && memory.used > memory.total * busyMemory)
  );
}
