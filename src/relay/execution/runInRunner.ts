import { within } from "../../common/async/within.js";
import { orCancelled } from "../../common/failure.js";
import type { Connection } from "../../ssh/model/connection.js";
import {
  endGrace,
  killGroups,
  type Launch,
  type LaunchOptions,
  leftoverGrace,
  RunnerUnavailable,
} from "./launch.js";
import { createCollector } from "./output.js";
import type { Runner, RunnerJob } from "./runner.js";

/** Runs the command by the program that runs all commands of the connection. */
export function launchInRunner(
  connection: Connection,
  runner: Runner,
  { command, outputLimit, begin }: LaunchOptions,
  signal: AbortSignal,
): Launch {
  const [stdout, stderr] = [createCollector(outputLimit), createCollector(outputLimit)];
  let isSent = false;
  const end = async (job: RunnerJob): Promise<void> => {
    job.end();
    if (await within(job.ended, endGrace)) return;
    await killGroups(connection, [job.group]);
    if (await within(job.ended, leftoverGrace)) return;
    runner.retire();
  };
  return {
    stdout,
    stderr,
    isSent: () => isSent,
    start: async () => {
      await orCancelled(begin(), signal);
      if (!runner.isReady) throw new RunnerUnavailable();
      isSent = true;
      const job = runner.run(command, { stdout, stderr });
      try {
        const first = await orCancelled(Promise.race([job.begun, job.ended]), signal);
        if (first !== false) return { ended: job.ended, end: () => end(job) };
      } catch (error) {
        // What it begins after all is ended at once; whatever keeps it from that, the next command need not wait for.
        job.end();
        runner.retire();
        throw error;
      }
      isSent = false;
      throw new RunnerUnavailable();
    },
  };
}
