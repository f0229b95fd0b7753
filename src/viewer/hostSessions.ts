import { decodeBytes, displayText } from "../common/bytes.js";
import { Failure } from "../common/failure.js";
import type { Connection } from "../ssh/connection.js";
import { runScript } from "../ssh/script.js";
import identityScript from "./identity.sh";
import listScript from "./list.sh";
import readLogScript from "./readLog.sh";
import type { RemoteViewer, SessionFacts, ViewerFailure } from "./session.js";
import { readState, stateSchema } from "./state.js";
import stopScript from "./stop.sh";

/** Milliseconds for a stop: TERM, a moment, KILL, and the way there and back. */
const stopLimit = 20_000;
/** Milliseconds for a look at what there is. */
const readLimit = 20_000;
/** Characters kept of what a host says. */
const outputLength = 2_000;

/** A session of ours that lives on a host, whoever started it. */
export interface HostSession {
  readonly id: string;
  readonly remote: RemoteViewer;
  readonly facts: SessionFacts;
  readonly python: string;
  readonly root: string;
  /** Undefined while the viewer runs; its exit status once it has ended (`-1`: unknown). */
  readonly exitCode: number | undefined;
}

/**
 * The sessions of ours on a host, in one exec; what a reboot or a crash left of others is removed on the way. Damaged
 * entries are passed over.
 * @throws Failure with an `SshFailure`, or Cancelled.
 */
export async function listHostSessions(connection: Connection, signal?: AbortSignal): Promise<HostSession[]> {
  const { output } = await runScript(connection, `${identityScript}\n${listScript}`, [], {
    timeout: readLimit,
    ...(signal && { signal }),
  });
  const fields = decodeBytes(output).split("\0");
  const found: HostSession[] = [];
  for (let index = 0; index + 3 < fields.length; index += 4) {
    const [id = "", status = "", , json = ""] = fields.slice(index, index + 4);
    const state = stateSchema.safeParse(parseJson(json));
    if (!state.success || state.data.id !== id) continue;
    const { python, root } = state.data;
    found.push({ id, python, root, ...readState(state.data), exitCode: exitCodeOf(status) });
  }
  return found;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Reads `running` and `exited:STATUS`. */
export function exitCodeOf(status: string): number | undefined {
  const [, digits] = /^exited:(-?\d*)$/.exec(status) ?? [];
  if (digits === undefined) return undefined;
  return digits === "" ? -1 : Number(digits);
}

/**
 * Ends the viewer's process group and its supervisor and removes its folder. Ending what is gone already is no fault.
 * Once begun it goes on when the link is lost.
 * @throws Failure `viewer-stop-failed`, or an `SshFailure` when the host cannot be reached.
 */
export async function stopViewer(
  connection: Connection,
  sessionId: string,
  { pid, startTime, supervisor }: RemoteViewer,
): Promise<void> {
  const args = [sessionId, String(pid), startTime, String(supervisor.pid), supervisor.startTime];
  const script = `${identityScript}\n${stopScript}`;
  const { output, stderr } = await runScript(connection, script, args, { timeout: stopLimit });
  const said = output.toString("utf8").trim();
  if (said === "gone") return;
  const reason = displayText(said || stderr.toString("utf8").trim().slice(-outputLength));
  throw new Failure<ViewerFailure>({ code: "viewer-stop-failed", host: connection.target.host, pid, reason });
}

/** A piece of a viewer's log. */
export interface LogPiece {
  readonly text: string;
  /** Where the piece begins and ends in the log, in bytes. A log that was moved aside begins at 0 again. */
  readonly from: number;
  readonly to: number;
  /** Bytes of the log at that moment. */
  readonly size: number;
}

/** Reads at most `bytes` of a viewer's log, from a position or from the end. */
export async function readViewerLog(
  connection: Connection,
  sessionId: string,
  from: number | "end",
  bytes: number,
): Promise<LogPiece> {
  const script = `${identityScript}\n${readLogScript}`;
  const { output } = await runScript(connection, script, [sessionId, String(from), String(bytes)], {
    timeout: readLimit,
  });
  const newline = output.indexOf("\n");
  const [start = 0, size = 0] = output.toString("latin1", 0, Math.max(newline, 0)).split(" ").map(Number);
  const piece = output.subarray(newline + 1);
  return { text: piece.toString("utf8"), from: start, to: start + piece.length, size };
}
