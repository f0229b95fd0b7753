import * as z from "zod";
import { displayText } from "../common/bytes.js";
import { Failure } from "../common/failure.js";
import { asciiJson } from "../common/json.js";
import type { Connection } from "../ssh/connection.js";
import { runScript } from "../ssh/script.js";
import launchProgram from "./launch.py";
import launchScript from "./launch.sh";
import type { RemoteViewer, SessionFacts, ViewerFailure } from "./session.js";
import { readState, stateFields } from "./state.js";
import supervisorProgram from "./supervisor.py";

export interface LaunchRequest {
  readonly sessionId: string;
  /** The interpreter of the environment. */
  readonly python: string;
  readonly environmentName: string;
  readonly root: string;
  readonly createRoot: boolean;
  /** A wanted port on the host. */
  readonly port: number | undefined;
  /** Seconds that the viewer lives on when no client renews its lease. */
  readonly graceSeconds: number;
  /** Kept beside the viewer, for a client that adopts it. */
  readonly facts: SessionFacts;
}

/** Seconds until the viewer must answer: a first import on a cold network disk takes long. */
const readySeconds = 90;
/** Characters kept of what a broken interpreter says. */
const outputLength = 2_000;
/** Linux allows 4096 bytes; what is longer need not travel. */
const longestRoot = 4_096;

const marker = "\nrunicorn-remote:";

const answer = z.discriminatedUnion("code", [
  z.object({ code: z.literal("started"), ...stateFields }),
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
  const { sessionId, python, environmentName, root, createRoot, port, graceSeconds, facts } = request;
  const program = {
    id: sessionId,
    root,
    create_root: createRoot,
    port: port ?? null,
    seconds: readySeconds,
    grace: graceSeconds,
    facts,
  };
  const { output, stderr } = await runScript(
    connection,
    launchScript,
    [python, launchProgram, asciiJson(program), supervisorProgram],
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
    case "started":
      return { remote: readState(said).remote, root: said.root };
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
