import { randomBytes } from "node:crypto";
import { timeLimit } from "../common/async/timeLimit.js";
import { Cancelled, Failure, type FailureDetail } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import { runShortScript } from "../ssh/channel/script.js";
import type { Connection, Endpoint, JobInside } from "../ssh/model/connection.js";
import { isSshFailure } from "../ssh/model/failures.js";
import { type Interaction, unattended } from "../ssh/model/interaction.js";
import { jobTarget } from "../ssh/model/jobTarget.js";
import { isSlurmFailure, type SlurmFailure } from "./model/failures.js";
import type { JobState } from "./model/job.js";
import findKeeperScript from "./scripts/findKeeper.sh";
import { saysControllerSilent, silent, tidied } from "./slurmCommands.js";
import type { JobWatch } from "./watch.js";
import { isNodeKnown, type JumpParts, openByJump } from "./connection/byJump.js";
import { openByStep, reasonOf, StepFailed } from "./connection/byStep.js";
import type { WorkloadManager } from "./workloadManager.js";

export interface OpenJobParts extends JumpParts {
  readonly manager: WorkloadManager;
  readonly jobs: JobWatch;
  readonly logger: Logger;
}

/** Milliseconds for a login at the node before a step is tried instead. */
const jumpPatience = 6_000;
/** Milliseconds until the keeper of a running job must be ready: a node's prolog may be slow. */
const findLimit = 60_000;
/** Milliseconds for a message to the job's keeper. */
const tellLimit = 3_000;

/** The endpoint that stands for a job. */
function endpointOfJob(login: Connection, jobId: string): Endpoint {
  return { host: `job-${jobId}`, port: 22, user: login.endpoint.user, via: login.id };
}

/**
 * Opens a connection into a running job: by SSH to its node without interaction, else through a step, else by SSH with
 * interaction. A job that is not ours is reached only by the last.
 * @throws Failure with a `SlurmFailure` or `SshFailure`, or Cancelled.
 */
export async function openJob(
  login: Connection,
  jobId: string,
  interaction: Interaction,
  signal: AbortSignal | undefined,
  parts: OpenJobParts,
): Promise<Connection> {
  const key = randomBytes(6).toString("hex");
  const { connection, inside } = await openInJob(login, jobId, interaction, signal, { ...parts, key });
  const askEnd = async (): Promise<FailureDetail | undefined> => {
    try {
      requireRunning(login, jobId, await parts.jobs.look(login, jobId));
    } catch (error) {
      if (isSlurmFailure(error, "job-ended")) return error.detail;
    }
    return undefined;
  };
  const tell = async (word: string): Promise<void> => {
    const { keeper } = inside;
    if (keeper === undefined) return;
    // Opened for reading and writing, a FIFO does not block without a reader.
    const line = `[ ! -p ${keeper}/requests ] || echo ${word} ${key} 1<>${keeper}/requests\n`;
    await connection.heldShell.run(Buffer.from(line), { timeout: tellLimit }).catch(() => undefined);
  };
  const job: JobInside = {
    ...inside,
    askEnd,
    hold: () => tell("hold"),
    release: () => tell("leave"),
  };
  return Object.assign(connection, { job });
}

type FoundInside = Omit<JobInside, "askEnd" | "hold" | "release">;

interface Opened {
  readonly connection: Connection;
  readonly inside: FoundInside;
}

interface OpeningParts extends OpenJobParts {
  /** Identifies us to the keeper. */
  readonly key: string;
}

async function openInJob(
  login: Connection,
  jobId: string,
  interaction: Interaction,
  signal: AbortSignal | undefined,
  parts: OpeningParts,
): Promise<Opened> {
  const { jobs, logger } = parts;
  const about = {
    target: jobTarget({ login: login.target, jobId }),
    endpoint: endpointOfJob(login, jobId),
    signal,
    logger,
  };
  const known = jobs.stateOf(login.id, jobId);
  const state = known?.kind === "running" ? known : await jobs.look(login, jobId, signal);
  const node = requireRunning(login, jobId, state);
  let step: string | undefined;
  if (jobs.isOurs(login.id, jobId) !== false) {
    const jumped = node !== "" && (await jumpUnasked(node, login, about, jobId, parts));
    if (jumped) return jumped;
    const opened = await stepInside(node, login, about, jobId, parts);
    if (typeof opened !== "string") return opened;
    step = opened;
    requireRunning(login, jobId, await jobs.look(login, jobId, signal));
    if (saysControllerSilent(step)) throw silent(login, tidied(step));
  }
  try {
    const connection = await openByJump(node, login, about, interaction, parts);
    const inside = await keeperIn(connection, jobId, node, "now", parts.key);
    logger.info(`${connection.id}: by SSH to ${node}`);
    return { connection, inside };
  } catch (error) {
    if (error instanceof Cancelled || isSshFailure(error, "connection-lost")) throw error;
    const jump = reasonOf(error);
    const { host } = login.target;
    throw new Failure<SlurmFailure>(
      { code: "job-not-reached", host, jobId, node, step: step && tidied(step), jump, retry: "later" },
      { cause: error },
    );
  }
}

/** @returns the node; empty if unknown. @throws Failure if the job is not running. */
function requireRunning(login: Connection, jobId: string, state: JobState): string {
  const { host } = login.target;
  switch (state.kind) {
    case "running":
      return state.node;
    case "queued":
      throw new Failure<SlurmFailure>({
        code: state.isStuck ? "job-stuck" : "job-queued",
        ...{ host, jobId, reason: state.reason },
      });
    case "ended":
      throw new Failure<SlurmFailure>({ code: "job-ended", host, jobId, how: state.how });
    case "unknown":
      if (state.before?.kind === "running") return state.before.node;
      throw silent(login, "");
  }
}

/** @returns an error message if a step does not work. */
async function stepInside(
  node: string,
  login: Connection,
  about: Parameters<typeof openByStep>[1],
  jobId: string,
  { manager, logger, key }: OpeningParts,
): Promise<Opened | string> {
  try {
    const connection = await openByStep(login, about, (script, argument) =>
      manager.reach(login, jobId, script, argument),
    );
    const inside = await keeperIn(connection, jobId, node, "wait", key);
    if (inside.keeper !== undefined) {
      logger.info(`${connection.id}: by a step of the job on ${node}`);
      return { connection, inside };
    }
    await connection.close();
    return `the job has not begun on ${node}`;
  } catch (error) {
    if (error instanceof StepFailed) return reasonOf(error);
    throw error;
  }
}

/** @returns undefined if SSH to the node needs interaction, or does not find the keeper. */
async function jumpUnasked(
  node: string,
  login: Connection,
  about: Parameters<typeof openByJump>[2],
  jobId: string,
  parts: OpeningParts,
): Promise<Opened | undefined> {
  const limit = timeLimit(jumpPatience);
  const signal = about.signal ? AbortSignal.any([about.signal, limit]) : limit;
  let connection: Connection | undefined;
  try {
    if (!(await isNodeKnown(node, login, parts))) return undefined;
    connection = await openByJump(node, login, { ...about, signal }, unattended, parts);
    const inside = await keeperIn(connection, jobId, node, "now", parts.key);
    if (inside.keeper !== undefined) {
      parts.logger.info(`${connection.id}: by SSH to ${node}`);
      return { connection, inside };
    }
  } catch (error) {
    if (about.signal?.aborted) throw new Cancelled();
    parts.logger.info(`${login.id}: SSH to ${node} does not do: ${reasonOf(error)}`);
  }
  await connection?.close();
  return undefined;
}

/** Looks for the job's keeper over a connection. */
async function keeperIn(
  connection: Connection,
  jobId: string,
  node: string,
  patience: "wait" | "now",
  key: string,
): Promise<FoundInside> {
  const { output } = await runShortScript(connection, findKeeperScript, [jobId, patience, key], {
    timeout: findLimit,
  });
  const [folder = "", ...lines] = output.toString("utf8").split("\n");
  const keeper = /^\/tmp\/runicorn-job-\d+-\w{6,20}$/.test(folder) ? folder : undefined;
  return { id: jobId, node, keeper, linesBefore: keeper ? lines.filter((line) => line.trim() !== "") : [] };
}
