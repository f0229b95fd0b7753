import { failureGuard } from "../../common/failure.js";
import type { JobEnd } from "./job.js";

/** Every way in which a job, or the way into one, fails. */
export type SlurmFailure =
  /** `field` is the one of the request that cannot be used. */
  | { readonly code: "job-request-invalid"; readonly field: string; readonly text: string }
  /** An option that is ours to set, or that would have the job do something else, such as `--array`. */
  | { readonly code: "job-option-not-allowed"; readonly option: string }
  | { readonly code: "slurm-missing"; readonly host: string }
  /** The cluster did not take the job; `said` in its own words. */
  | { readonly code: "job-refused"; readonly host: string; readonly said: string }
  /** The controller does not answer: nothing is known, and what runs goes on. */
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
  /** It waits for something that does not come by itself. */
  | { readonly code: "job-stuck"; readonly host: string; readonly jobId: string; readonly reason: string }
  | { readonly code: "job-ended"; readonly host: string; readonly jobId: string; readonly how: JobEnd }
  /** The cluster was asked to end it, and does not say that it has. */
  | { readonly code: "job-not-ended"; readonly host: string; readonly jobId: string }
  /** Neither a step with sshd nor ssh to the node leads into the job: why, each in the host's own words. */
  | {
      readonly code: "job-not-reached";
      readonly host: string;
      readonly jobId: string;
      readonly node: string;
      /** Of the step: no sshd there, or what srun said. Undefined where no step was tried. */
      readonly step: string | undefined;
      /** Of ssh to the node. */
      readonly jump: string | undefined;
      readonly retry: "later";
    };

export const isSlurmFailure = failureGuard<SlurmFailure>();
