/** What to request from the cluster, which decides on undefined fields. */
export interface JobRequest {
  readonly partition?: string | undefined;
  /** Minutes, 1 to 525600. Every job of ours has a limit. */
  readonly minutes: number;
  readonly account?: string | undefined;
  readonly qos?: string | undefined;
  /** Processors, 1 to 4096. Default 1. */
  readonly cpus?: number | undefined;
  /** Mebibytes, 1 to 2^30. */
  readonly memory?: number | undefined;
  /** The part of `--gres` after `gpu:`, such as `1` or `a100:2`. Default: no such option. */
  readonly gpus?: string | undefined;
  /** More options of sbatch, such as `--constraint="big mem" --nice`: split into words, but not by a shell. */
  readonly options?: string | undefined;
  /** Shell lines that run in the job before anything else, such as `module load python`. */
  readonly linesBefore?: readonly string[] | undefined;
}

/** Two hours, one processor, one gibibyte, no GPU. */
export const usualRequest: JobRequest = { minutes: 120, cpus: 1, memory: 1024 };
