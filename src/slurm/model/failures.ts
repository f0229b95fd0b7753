import { failureGuard } from "../../common/failure.js";
import type { JobEnd } from "./job.js";

/** Failures of jobs, and of connections into them. */
export type SlurmFailure =
  /** `field` names the invalid field of the request. */
  | { readonly code: "job-request-invalid"; readonly field: string; readonly text: string }
  /** An option that we set ourselves, or that would change what the job does, such as `--array`. */
  | { readonly code: "job-option-not-allowed"; readonly option: string }
  | { readonly code: "slurm-missing"; readonly host: string }
  /** The cluster rejected the job; `said` is its error message. */
  | { readonly code: "job-refused"; readonly host: string; readonly said: string }
  /** The failure of a controller that does not answer. Jobs keep running. */
  | {
      readonly code: "slurm-silent";
      readonly host: string;
      readonly said: string;
      /** Of {@link reconnectVerdict}. */
      readonly retry: "later";
    }
  /** A command of Slurm failed. */
  | { readonly code: "slurm-failed"; readonly host: string; readonly said: string }
  | { readonly code: "job-unknown"; readonly host: string; readonly jobId: string }
  | { readonly code: "job-queued"; readonly host: string; readonly jobId: string; readonly reason: string }
  /** It is pending for a reason that waiting alone does not resolve. */
  | { readonly code: "job-stuck"; readonly host: string; readonly jobId: string; readonly reason: string }
  | { readonly code: "job-ended"; readonly host: string; readonly jobId: string; readonly how: JobEnd }
  /** It was cancelled, but the cluster did not confirm that it ended. */
  | { readonly code: "job-not-ended"; readonly host: string; readonly jobId: string }
  /** Neither a step with sshd nor SSH to the node works; `step` and `jump` are their error messages. */
  | {
      readonly code: "job-not-reached";
      readonly host: string;
      readonly jobId: string;
      readonly node: string;
      /** No sshd, or an error of srun. Undefined if no step was tried. */
      readonly step: string | undefined;
      /** Of ssh to the node. */
      readonly jump: string | undefined;
      readonly retry: "later";
    };

export const isSlurmFailure = failureGuard<SlurmFailure>();
