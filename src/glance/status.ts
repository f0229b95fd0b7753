/** How busy a host is. Undefined or empty: not known. Texts are foreign text. */
export interface HostStatus {
  /** Host name, as in `uname -n`. */
  readonly name: string | undefined;
  /** e.g. `Linux`, `Darwin`. */
  readonly system: string | undefined;
  readonly cores: number | undefined;
  /** The CPU quota of its control groups in cores, if lower than `cores`. */
  readonly coreLimit: number | undefined;
  /** Load averages over 1, 5 and 15 minutes. */
  readonly load: readonly [number, number, number] | undefined;
  readonly memory: Memory | undefined;
  /** In the order of the roots in the query. */
  readonly disks: readonly Disk[];
  readonly gpus: readonly Gpu[];
  /** Processes on an unknown GPU. */
  readonly otherGpuProcesses: readonly GpuProcess[];
  /** Whether there are more GPUs, or processes on them, than the maximum. */
  readonly isShortened: boolean;
  /** Why there are no GPUs of a vendor although its tool is installed. */
  readonly gpuTrouble: readonly ToolTrouble[];
  /** By PID: the processes in the query, and those on GPUs. */
  readonly processes: ReadonlyMap<number, HostProcess>;
  /** Hanging tools that could not be killed, for the next query: `NAME=PID ...`. */
  readonly stuck: string;
}

/** Bytes. */
export interface Memory {
  readonly total: number;
  readonly available: number;
  /** Whether this is the limit of a control group, as in a container. */
  readonly isLimit: boolean;
}

export interface Disk {
  /** Bytes; undefined if `df` does not say. */
  readonly space: { readonly total: number; readonly available: number } | undefined;
  /** Whether `df` timed out. */
  readonly isLate: boolean;
}

export interface Gpu {
  /** The number that its tool uses; unique only per vendor. */
  readonly index: string;
  readonly name: string;
  /** Utilization in percent. */
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
  /** The account; undefined if the process is not visible, as in a container. */
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
  /** `late`: it timed out. `failed`: it listed no GPU. */
  readonly kind: "late" | "failed";
  /** Its error message; may be empty. */
  readonly said: string;
}

/** Utilization in percent, and share of memory, from which a GPU without visible processes counts as busy. */
const busyUse = 5;
const busyMemory = 0.1;

/** Whether somebody uses the GPU, or has reserved its memory. */
export function isBusy({ use, memory, processes }: Gpu): boolean {
  return (
    processes.length > 0 ||
    (use ?? 0) >= busyUse ||
    (memory !== undefined && memory.used > memory.total * busyMemory)
  );
}
