import { displayText } from "../common/text/displayText.js";
import { Failure } from "../common/failure.js";
import { runScript, runShortScript } from "../ssh/channel/script.js";
import type { Connection } from "../ssh/model/connection.js";
import { isSshFailure } from "../ssh/model/failures.js";
import type { ScriptResult } from "../ssh/model/heldShell.js";
import { readFacts, type SlurmPlace } from "./answers/readFacts.js";
import { readEnd, readQueue } from "./answers/readQueue.js";
import { sbatchOptions } from "./answers/sbatchOptions.js";
import type { SlurmFacts } from "./model/facts.js";
import { isSlurmFailure, type SlurmFailure } from "./model/failures.js";
import type { JobRequest } from "./model/jobRequest.js";
import cancelScript from "./scripts/cancel.sh";
import detectScript from "./scripts/detect.sh";
import endedScript from "./scripts/ended.sh";
import keeperScript from "./scripts/keeper.sh";
import queueScript from "./scripts/queue.sh";
import submitScript from "./scripts/submit.sh";
import type { WorkloadManager } from "./workloadManager.js";

/** Milliseconds: Slurm's commands themselves retry a silent controller for nine seconds. */
const answerLimit = 20_000;
/** Milliseconds for detection: start-up files of a login shell may be slow. */
const detectLimit = 30_000;
const longestAnswer = 256 * 1024;
/** Maximum characters of an error message. */
const saidLength = 600;
const longestLines = 20_000;
const endOfLines = "@END@";

/** Slurm's commands on login nodes. */
export interface SlurmCommands extends WorkloadManager {
  /** Detects Slurm on a login node, once for each connection. */
  detect(login: Connection, signal?: AbortSignal): Promise<SlurmFacts>;
}

export function createSlurmCommands(): SlurmCommands {
  const known = new WeakMap<Connection, Promise<ReturnType<typeof readFacts>>>();

  const look = (login: Connection): Promise<ReturnType<typeof readFacts>> => {
    const present = known.get(login);
    if (present) return present;
    const asked = runShortScript(login, detectScript, [], {
      timeout: detectLimit,
      outputLimit: longestAnswer,
    }).then(({ output }) => readFacts(output.toString("utf8")));
    known.set(login, asked);
    // Do not cache failures, nor a silent controller.
    asked.then(
      ({ facts }) => void (facts.kind === "present" && !facts.isAnswering && known.delete(login)),
      () => known.delete(login),
    );
    return asked;
  };
  const placeOf = async (login: Connection): Promise<SlurmPlace> => {
    const { place } = await look(login);
    if (place) return place;
    throw new Failure<SlurmFailure>({ code: "slurm-missing", host: login.target.host });
  };
  const run: Run = async (login, script, args, runIt = runShortScript) => {
    const { bin, configuration = "" } = await placeOf(login);
    try {
      const options = { timeout: answerLimit, outputLimit: longestAnswer };
      return await runIt(login, script, [bin, configuration, ...args], options);
    } catch (error) {
      if (!isSshFailure(error, "exec-timed-out")) throw error;
      throw silent(login, "");
    }
  };

  const { queue, jobs, ended } = queriesWith(run);
  const submitOnce = async (login: Connection, args: readonly string[]): Promise<string> => {
    // Not in the held shell, which may run a script twice: that would submit two jobs.
    const { output, stderr, code } = await run(login, submitScript, args, runScript);
    // With several clusters: `ID;CLUSTER`.
    const id = /^([1-9]\d{0,17})(?:;\S*)?$/m.exec(output.toString("utf8").trim())?.[1];
    if (code === 0 && id !== undefined) return id;
    throw failureOf(login, stderr, "job-refused");
  };

  return {
    detect: async (login) => (await look(login)).facts,
    submit: async (login, request, key, graceSeconds, look) => {
      const args = [keeperOf(request, graceSeconds), ...sbatchOptions(request, key)];
      await placeOf(login);
      try {
        return await submitOnce(login, args);
      } catch (error) {
        if (!isDoubtful(error)) throw error;
        const taken = (await look()).find((job) => job.key === key);
        if (taken) return taken.id;
        throw error;
      }
    },
    ...{ queue, jobs, ended },
    cancel: async (login, jobId) => {
      const { stderr, code } = await run(login, cancelScript, [jobId]);
      if (code !== 0) throw failureOf(login, stderr, "slurm-failed");
    },
    reach: async (login, jobId, script, argument) => {
      const { bin, configuration } = await placeOf(login);
      const bare = script.replaceAll(/^ *#.*\n/gm, "");
      const text = Buffer.from(bare).toString("base64");
      const eval64 = `'eval "$(printf %s ${text} | base64 -d)"'`;
      const step = `${word(`${bin}/srun`)} -Q -u --overlap --jobid=${jobId} -N1 -n1 /bin/sh -c ${eval64} sh ${argument}`;
      return configuration === undefined
        ? step
        : `/usr/bin/env ${word(`SLURM_CONF=${configuration}`)} ${step}`;
    },
  };
}

/** Whether sbatch may have submitted a job nevertheless: its answer, or the controller's, was lost. */
function isDoubtful(error: unknown): boolean {
  if (isSlurmFailure(error, "slurm-silent"))
    return !/connect failure|Connection refused/i.test(error.detail.said);
  return !isSlurmFailure(error, "job-refused");
}

/** Runs one of our scripts, and tells it where Slurm's commands are. */
type Run = (
  login: Connection,
  script: string,
  args: readonly string[],
  runIt?: typeof runScript,
) => Promise<ScriptResult>;

/** The read-only commands. */
function queriesWith(run: Run): Pick<WorkloadManager, "queue" | "jobs" | "ended"> {
  return {
    queue: async (login, which) => {
      const { output, stderr, code, truncated } = await run(login, queueScript, [which]);
      // A second job would be submitted for one of ours that is missing.
      if (truncated || code !== 0) throw failureOf(login, stderr, "slurm-failed");
      return readQueue(output.toString("utf8"), Date.now());
    },
    jobs: async (login, jobIds) => {
      if (jobIds.length === 0) return [];
      const { output, stderr, code, truncated } = await run(login, queueScript, ["jobs", jobIds.join(",")]);
      const said = stderr.toString("utf8");
      // A job missing from truncated output may still exist.
      if (truncated || (code !== 0 && !/Invalid job id specified/i.test(said)))
        throw failureOf(login, stderr, "slurm-failed");
      return readQueue(output.toString("utf8"), Date.now(), jobIds.length);
    },
    ended: async (login, jobId) => {
      const { output, stderr, code } = await run(login, endedScript, [jobId]);
      if (code !== 0) throw failureOf(login, stderr, "slurm-failed");
      const word = output.toString("utf8").trim();
      return word === "" ? undefined : (readEnd(word) ?? "alive");
    },
  };
}

/** Quotes a path that an administrator chose, for any login shell. */
function word(text: string): string {
  return `'${text.replaceAll(/['\\!]/g, "")}'`;
}

function keeperOf({ linesBefore = [] }: JobRequest, graceSeconds: number): string {
  const lines = linesBefore.join("\n");
  if (lines.length > longestLines || lines.includes("\0") || linesBefore.includes(endOfLines))
    throw new Failure<SlurmFailure>({
      code: "job-request-invalid",
      field: "linesBefore",
      text: lines.slice(0, 200),
    });
  return keeperScript.replace("@GRACE@", String(Math.ceil(graceSeconds))).replace("@LINES@", () => lines);
}

/** The failure of a controller that does not answer. */
export function silent(login: Connection, said: string): Failure<SlurmFailure> {
  return new Failure<SlurmFailure>({ code: "slurm-silent", host: login.target.host, said, retry: "later" });
}

/** Whether Slurm's error message says that the controller does not answer. */
export function saysControllerSilent(said: string): boolean {
  return /Unable to contact slurm controller|Connection refused|Connection timed out|Socket timed out|controller (?:not responding|is not)|Zero Bytes were transmitted/i.test(
    said,
  );
}

function failureOf(
  login: Connection,
  stderr: Buffer,
  code: "job-refused" | "slurm-failed",
): Failure<SlurmFailure> {
  const said = tidied(stderr.toString("utf8"));
  return saysControllerSilent(said)
    ? silent(login, said)
    : new Failure<SlurmFailure>({ code, host: login.target.host, said });
}

/** An error message of our scripts, else of Slurm, without prefixes such as `sbatch: error: `. */
export function tidied(text: string): string {
  const lines = text.split("\n").map((line) => displayText(line.trim()));
  const ours = lines.filter((line) => line.startsWith("runicorn:"));
  const told = lines.filter((line) => /^(?:sbatch|squeue|sacct|scancel|srun|slurmstepd|sinfo):/.test(line));
  return ([ours, told].find((some) => some.length > 0) ?? lines)
    .map((line) => line.replace(/^(?:\w+: )(?:error: |fatal: )?/, ""))
    .filter((line) => line !== "")
    .join(" ")
    .slice(0, saidLength);
}
