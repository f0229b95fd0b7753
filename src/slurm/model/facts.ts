/** A partition of a cluster, as `sinfo` prints it: foreign text. */
export interface Partition {
  readonly name: string;
  readonly isDefault: boolean;
  readonly isUp: boolean;
  /** Maximum time limit of a job, in minutes. Undefined: none. */
  readonly mostMinutes: number | undefined;
  readonly nodes: number;
  /** Such as `gpu:a100:4`; empty for none. */
  readonly gres: string;
}

/** Slurm as found on a login node. */
export type SlurmFacts =
  | { readonly kind: "absent" }
  | {
      readonly kind: "present";
      /** Such as `22.05.8`. */
      readonly version: string;
      /**
       * Whether a step can share the job's resources (`srun --overlap`, since 20.11), as a connection through a step
       * must.
       */
      readonly hasOverlap: boolean;
      /** Empty where the controller did not answer. */
      readonly partitions: readonly Partition[];
      /** The user's accounts and QOS, if the cluster has `sacctmgr`. */
      readonly accounts: readonly string[];
      readonly qos: readonly string[];
      /** Whether the controller answered. */
      readonly isAnswering: boolean;
    };
