import * as z from "zod";
import { displayText } from "../../common/text/displayText.js";
import { Failure } from "../../common/failure.js";
import { asciiJson } from "../../common/text/json.js";
import type { Connection } from "../../ssh/model/connection.js";
import { runAfterLines } from "../../environments/lines/runAfterLines.js";
import launchProgram from "./launch.py";
import keptProgram from "./keeping/kept.py";
import launchScript from "./launch.sh";
import oursProgram from "./ours.py";
import removalProgram from "./removal.py";
import serveProgram from "./listening/serve.py";
import type { SessionFacts } from "../session/session.js";
import type { LaunchOutcome, ListensOn } from "../session/sessionHost.js";
import type { ViewerFailure } from "../failures.js";
import { hasAddress, readState, stateFields } from "./stateFile.js";
import supervisorProgram from "./supervisor.py";

export interface LaunchRequest {
  readonly sessionId: string;
  /** The interpreter of the environment. */
  readonly python: string;
  readonly environmentName: string;
  /** What is to run before the interpreter. Default: nothing. */
  readonly lines?: readonly string[];
  readonly root: string;
  readonly createRoot: boolean;
  readonly listensOn: ListensOn;
  /** Seconds that the viewer lives on when no client renews its lease. */
  readonly graceSeconds: number;
  /** Seconds after the start within which a client must renew its lease, or it ends. Default 30, never more than the grace. */
  readonly confirmSeconds?: number;
  /** Kept beside the viewer, for a client that adopts it. */
  readonly facts: SessionFacts;
}

/** Seconds until the viewer must answer: a first import on a cold network disk takes long. */
const readySeconds = 90;
/** Seconds from the viewer's answer to its first lease: the link may have been lost with the answer on its way. */
const usualConfirmSeconds = 30;
/** Milliseconds for all of the launch: what comes before the viewer's own time may take long too. */
const launchLimit = 180_000;
/** Bytes: the answer has the end of a log in it. */
const longestAnswer = 1024 * 1024;
/** Characters kept of what a broken interpreter says. */
const outputLength = 2_000;
/** Linux allows 4096 bytes; what is longer need not travel. */
const longestRoot = 4_096;

const marker = "\nrunicorn-remote:";

const places = z.array(z.object({ path: z.string(), reason: z.string() }));

const answer = z.discriminatedUnion("code", [
  z.object({ code: z.literal("started"), ...stateFields }).refine(hasAddress),
  z.object({ code: z.literal("storage-root-missing"), root: z.string() }),
  z.object({ code: z.literal("storage-root-not-folder"), root: z.string() }),
  z.object({ code: z.literal("storage-root-not-accessible"), root: z.string(), reason: z.string() }),
  z.object({
    code: z.literal("storage-root-invalid"),
    root: z.string(),
    reason: z.enum(["relative", "too-long"]),
  }),
  z.object({ code: z.literal("runicorn-missing") }),
  z.object({ code: z.literal("remote-port-taken"), port: z.number() }),
  z.object({ code: z.literal("viewer-exited"), exitCode: z.number(), log: z.string() }),
  z.object({ code: z.literal("viewer-not-ready"), log: z.string() }),
  z.object({ code: z.literal("no-folder-on-host"), places }),
  z.object({ code: z.literal("no-folder-for-socket"), places }),
  z.object({ code: z.literal("viewer-launch-failed"), output: z.string() }),
]);

/**
 * Starts the viewer in one exec and waits until it answers with the right storage.
 * @throws Failure with a `ViewerFailure` or `SshFailure`, or Cancelled, when the host did not answer: then a viewer may
 * run there, or start a moment later.
 */
export async function launchViewer(
  connection: Connection,
  request: LaunchRequest,
  signal: AbortSignal,
): Promise<LaunchOutcome> {
  const { sessionId, python, environmentName, root, createRoot, listensOn, graceSeconds, facts } = request;
  const { confirmSeconds = usualConfirmSeconds } = request;
  const failure = unusableRoot(root);
  if (failure) return { kind: "refused", failure };
  const program = {
    id: sessionId,
    root,
    create_root: createRoot,
    socket: listensOn === "socket",
    port: (listensOn !== "socket" && listensOn.port) || null,
    seconds: readySeconds,
    confirm: confirmSeconds,
    grace: graceSeconds,
    keeper: connection.job?.keeper ?? null,
    facts: { ...facts, ...(connection.job && { job: connection.job.id }) },
  };
  const args = [
    python,
    `${removalProgram}\n${oursProgram}\n${keptProgram}\n${launchProgram}`,
    asciiJson(program),
    `${removalProgram}\n${supervisorProgram}`,
    serveProgram,
  ];
  const following = {
    script: launchScript,
    args,
    lines: [...(connection.job?.linesBefore ?? []), ...(request.lines ?? [])],
  };
  const { output, stderr } = await runAfterLines(connection, following, {
    signal,
    timeout: launchLimit,
    outputLimit: longestAnswer,
  });
  const said = readAnswer(output);
  if (said?.code === "started") return { kind: "started", remote: readState(said).remote, root: said.root };
  if (said) return { kind: "refused", failure: refusalOf(said, connection, environmentName) };
  throw new Failure<ViewerFailure>({
    code: "environment-broken",
    environment: environmentName,
    output: displayLines(stderr.toString("utf8").trim().slice(-outputLength)),
  });
}

function refusalOf(
  said: Exclude<z.infer<typeof answer>, { code: "started" }>,
  { target }: Connection,
  environment: string,
): ViewerFailure {
  switch (said.code) {
    case "runicorn-missing":
      return { code: said.code, environment };
    case "viewer-not-ready":
      return { ...said, seconds: readySeconds };
    case "no-folder-on-host":
    case "no-folder-for-socket":
    case "viewer-launch-failed":
      return { ...said, host: target.host };
    default:
      return said;
  }
}

function unusableRoot(root: string): ViewerFailure | undefined {
  const reason = root.includes("\0")
    ? "nul"
    : Buffer.byteLength(root) >= longestRoot
      ? "too-long"
      : /^(\/|~\/|~$)/.test(root)
        ? undefined
        : "relative";
  return reason && { code: "storage-root-invalid", root: root.slice(0, 200), reason };
}

function readAnswer(output: Buffer): z.infer<typeof answer> | undefined {
  const text = output.toString("utf8");
  const start = text.lastIndexOf(marker);
  if (start < 0) return undefined;
  const [line = ""] = text.slice(start + marker.length).split("\n");
  try {
    return answer.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

function displayLines(text: string): string {
  return text.split("\n").map(displayText).join("\n");
}
