/** A partition of a cluster, as `sinfo` tells it: foreign text. */
export interface Partition {
  readonly name: string;
  readonly isDefault: boolean;
  readonly isUp: boolean;
  /** Minutes that a job may ask for there. Undefined: no limit. */
  readonly mostMinutes: number | undefined;
  readonly nodes: number;
  /** Such as `gpu:a100:4`; empty for none. */
  readonly gres: string;
}

/** What a login node has of Slurm. */
export type SlurmFacts =
  | { readonly kind: "absent" }
  | {
      readonly kind: "present";
      /** Such as `22.05.8`. */
      readonly version: string;
      /** Whether steps may share what a job has (`srun --overlap`, from 20.11 on): without that no step leads into a job. */
      readonly hasOverlap: boolean;
      /** Empty where the controller did not answer. */
      readonly partitions: readonly Partition[];
      /** The person's accounts and kinds of service, where the cluster tells them at once. */
      readonly accounts: readonly string[];
      readonly qos: readonly string[];
      /** Whether the controller answered. */
      readonly isAnswering: boolean;
    };
