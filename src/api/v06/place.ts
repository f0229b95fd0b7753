import * as z from "zod";
import type { App } from "../../app.js";
import type { Connection } from "../../ssh/model/connection.js";
import { unattended } from "../../ssh/model/interaction.js";
import { jobTarget } from "../../ssh/model/jobTarget.js";

const word = z
  .string()
  .regex(/^[\w.,+@%:-]{1,200}$/)
  .optional();

const newJob = z
  .object({
    kind: z.literal("job"),
    partition: word,
    minutes: z.int().min(1).max(525_600).default(120).meta({ description: "the job's time limit" }),
    account: word,
    qos: word,
    cpus: z.int().min(1).max(4096).default(1),
    memory: z.int().min(1).max(1_048_576).default(1024).meta({ description: "mebibytes" }),
    gpus: z
      .string()
      .regex(/^[\w.:-]{1,100}$/)
      .optional()
      .meta({ description: "as --gres takes it behind gpu:; none by default" }),
    options: z.string().max(2000).optional().meta({ description: "further options of sbatch" }),
  })
  .meta({ title: "NewJob" });

const runningJob = z
  .object({ kind: z.literal("running-job"), id: z.string().regex(/^[1-9][0-9]{0,17}$/) })
  .meta({ title: "RunningJob" });

/** Where a viewer runs: on the host, or in a Slurm job of its cluster. */
export const placeField = z
  .union([z.object({ kind: z.literal("host") }), newJob, runningJob])
  .nullish()
  .meta({
    description:
      "Where the viewer is to run: on the host (default), in a new job of Slurm, for which the request waits, or in a job of the person's that runs",
  });

/**
 * Returns the connection to a place: the host's own, or one into a job. Cancels a new job when `signal` aborts.
 * @throws Failure with a `SlurmFailure` or `SshFailure`, or Cancelled.
 */
export async function connectionTo(
  place: z.infer<typeof placeField>,
  host: Connection,
  app: App,
  signal: AbortSignal,
): Promise<Connection> {
  if (!place || place.kind === "host") return host;
  if (place.kind === "job") return app.enterNewJob(host, place, unattended, signal);
  const target = jobTarget({ login: host.target, jobId: place.id });
  return app.connections.connect({ target }, unattended, { signal });
}
