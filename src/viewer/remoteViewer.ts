import * as z from "zod";
import { displayText } from "../common/bytes.js";
import { Failure, isFailure } from "../common/failure.js";
import { asciiJson } from "../common/json.js";
import type { Connection } from "../ssh/connection.js";
import { runScript } from "../ssh/script.js";
import launchProgram from "./launch.py";
import launchScript from "./launch.sh";
import readLogScript from "./readLog.sh";
import type { RemoteViewer, ViewerFailure } from "./session.js";
import stopScript from "./stop.sh";

export interface LaunchRequest {
  readonly sessionId: string;
  /** The interpreter of the environment. */
  readonly python: string;
  readonly environmentName: string;
  readonly root: string;
  readonly createRoot: boolean;
}

/** Seconds until the viewer must answer: a first import on a cold network disk takes long. */
const readySeconds = 90;
/** Milliseconds for a stop: TERM, a moment, KILL, and the way there and back. */
const stopLimit = 20_000;
/** Characters kept of what a broken interpreter says. */
const outputLength = 2_000;
/** Linux allows 4096 bytes; what is longer need not travel. */
const longestRoot = 4_096;

const marker = "\nrunicorn-remote:";

const answer = z.discriminatedUnion("code", [
  z.object({
    code: z.literal("started"),
    pid: z.number().int().positive(),
    startTime: z.string(),
    port: z.number().int().min(1).max(65535),
    root: z.string(),
    runicornVersion: z.string(),
  }),
  z.object({ code: z.literal("storage-root-missing"), root: z.string() }),
  z.object({ code: z.literal("storage-root-not-folder"), root: z.string() }),
  z.object({ code: z.literal("storage-root-not-accessible"), root: z.string(), reason: z.string() }),
  z.object({
    code: z.literal("storage-root-invalid"),
    root: z.string(),
    reason: z.enum(["relative", "too-long"]),
  }),
  z.object({ code: z.literal("runicorn-missing") }),
  z.object({ code: z.literal("viewer-exited"), exitCode: z.number(), log: z.string() }),
  z.object({ code: z.literal("viewer-not-ready"), log: z.string() }),
  z.object({ code: z.literal("viewer-launch-failed"), output: z.string() }),
]);

/**
 * Starts the viewer in one exec and waits until it answers with the right storage.
 * @throws Failure with a `ViewerFailure` or `SshFailure`, or Cancelled; nothing is left on the host then.
 */
export async function launchViewer(
  connection: Connection,
  request: LaunchRequest,
  signal: AbortSignal,
): Promise<{ readonly remote: RemoteViewer; readonly root: string }> {
  refuseUnusableRoot(request.root);
  const { sessionId, python, environmentName, root, createRoot } = request;
  const program = { id: sessionId, root, create_root: createRoot, seconds: readySeconds };
  const { output, stderr } = await runScript(
    connection,
    launchScript,
    [python, launchProgram, asciiJson(program)],
    {
      signal,
    },
  );
  const said = readAnswer(output);
  if (said === undefined) {
    throw new Failure<ViewerFailure>({
      code: "environment-broken",
      environment: environmentName,
      output: displayLines(stderr.toString("utf8").trim().slice(-outputLength)),
    });
  }
  switch (said.code) {
    case "started": {
      const { pid, startTime, port, runicornVersion } = said;
      return { remote: { pid, startTime, port, runicornVersion }, root: said.root };
    }
    case "runicorn-missing":
      throw new Failure<ViewerFailure>({ code: said.code, environment: environmentName });
    case "viewer-not-ready":
      throw new Failure<ViewerFailure>({ ...said, seconds: readySeconds });
    case "viewer-launch-failed":
      throw new Failure<ViewerFailure>({ ...said, host: connection.target.host });
    default:
      throw new Failure<ViewerFailure>(said);
  }
}

function refuseUnusableRoot(root: string): void {
  const reason = root.includes("\0")
    ? "nul"
    : Buffer.byteLength(root) >= longestRoot
      ? "too-long"
      : /^(\/|~\/|~$)/.test(root)
        ? undefined
        : "relative";
  if (reason)
    throw new Failure<ViewerFailure>({ code: "storage-root-invalid", root: root.slice(0, 200), reason });
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

/**
 * Ends the viewer's process group and removes its folder. Ending what is gone already is no fault.
 * @throws Failure `viewer-stop-failed`, or an `SshFailure` when the host cannot be reached.
 */
export async function stopViewer(
  connection: Connection,
  sessionId: string,
  remote: RemoteViewer,
): Promise<void> {
  const args = [sessionId, String(remote.pid), remote.startTime];
  const { output, stderr } = await runScript(connection, stopScript, args, { timeout: stopLimit });
  const said = output.toString("utf8").trim();
  if (said === "gone") return;
  const reason = displayText(said || stderr.toString("utf8").trim().slice(-outputLength));
  throw new Failure<ViewerFailure>({
    code: "viewer-stop-failed",
    host: connection.target.host,
    pid: remote.pid,
    reason,
  });
}

/** The end of the viewer's log, at most `bytes` of it. */
export async function readViewerLog(
  connection: Connection,
  sessionId: string,
  bytes: number,
): Promise<string> {
  const { output } = await runScript(connection, readLogScript, [sessionId, String(bytes)], {
    timeout: stopLimit,
  });
  return output.toString("utf8");
}

/** Whether the host is out of reach, so that nothing more can be done there. */
export function isConnectionLost(error: unknown): boolean {
  return isFailure(error, "connection-lost");
}
