import { decodeBytes } from "../../common/text/bytes.js";
import { displayText } from "../../common/text/displayText.js";
import { Failure } from "../../common/failure.js";
import type { Connection } from "../../ssh/model/connection.js";
import { runShortScript } from "../../ssh/channel/script.js";
import identityScript from "./identity.sh";
import listScript from "./list.sh";
import readLogScript from "./readLog.sh";
import { isSshFailure, type SshFailure } from "../../ssh/model/failures.js";
import { isAnotherMachine, type Machine, machineOf, nameOfMachine } from "../session/machine.js";
import type {
  EndOutcome,
  RemoteProcessIdentity,
  RemoteStatus,
  RemoteViewer,
  SessionFacts,
} from "../session/session.js";
import { isViewerFailure, type ViewerFailure } from "../failures.js";
import { readState, stateSchema } from "./stateFile.js";
import stopScript from "./stop.sh";

/** Milliseconds for a stop: TERM, a moment, KILL, and the way there and back. */
const stopLimit = 20_000;
/** Milliseconds for a look at what there is. */
const readLimit = 20_000;
/** Bytes of an answer that names sessions: each has less than one KiB. */
const longestList = 1024 * 1024;
/** Characters kept of what a host says. */
const outputLength = 2_000;

/** Tells the script to look for the process itself. */
const unknown: RemoteProcessIdentity = { pid: 0, startTime: "" };

/** A session of ours that lives on a host, whoever started it. */
export interface HostSession {
  readonly id: string;
  readonly remote: RemoteViewer;
  readonly facts: SessionFacts;
  readonly python: string;
  readonly root: string;
  readonly status: RemoteStatus;
}

/** What a host has. */
export interface HostList {
  readonly sessions: readonly HostSession[];
  /** Which machine has said so. */
  readonly machine: Machine | undefined;
}

/**
 * The sessions of ours on a host, in one round trip; what a reboot or a crash left of others is removed on the way. Damaged
 * entries are passed over.
 * @throws Failure with an `SshFailure`, or Cancelled.
 */
export async function listHostSessions(connection: Connection, signal?: AbortSignal): Promise<HostList> {
  const { output } = await runShortScript(connection, `${identityScript}\n${listScript}`, [], {
    timeout: readLimit,
    outputLimit: longestList,
    ...(signal && { signal }),
  });
  const fields = decodeBytes(output).split("\0");
  const found: HostSession[] = [];
  for (let index = 0; index + 3 < fields.length; index += 4) {
    const [id = "", status = "", , json = ""] = fields.slice(index, index + 4);
    const state = stateSchema.safeParse(parseJson(json));
    if (!state.success || state.data.id !== id) continue;
    const { python, root } = state.data;
    found.push({
      id,
      python,
      root,
      ...readState(state.data),
      status: statusOf(status) ?? { kind: "running" },
    });
  }
  return { sessions: found, machine: machineOf(fields.at(-1)) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Undefined for anything else: truncated output must not read as `gone`.
 * @param at the machine that says so.
 */
export function statusOf(text: string, at?: Machine): RemoteStatus | undefined {
  if (text === "running" || text === "port-lost") return { kind: text };
  if (text === "gone") return at === undefined ? { kind: text } : { kind: text, at };
  const [, kind, detail = ""] = /^(exited|elsewhere):([\w.-]*)$/.exec(text) ?? [];
  if (kind === "elsewhere") return { kind, machine: detail };
  if (kind !== "exited" || !/^(?:-?\d+)?$/.test(detail)) return undefined;
  return { kind, exitCode: detail === "" ? undefined : Number(detail) };
}

/**
 * Ends the viewer's process group and its supervisor and removes its folder. Idempotent. Completes even if the link is
 * lost meanwhile.
 * @param remote undefined where only the session's folder knows its processes.
 * @param machine the one that it is on, where that is known.
 * @returns `unconfirmed` when no answer came, or the connection leads to another machine than the viewer is on.
 * @throws Failure `viewer-stop-failed` when the viewer lives on; another one when nothing was done.
 */
export async function stopViewer(
  connection: Connection,
  sessionId: string,
  remote: RemoteViewer | undefined,
  machine = remote?.machine,
): Promise<EndOutcome> {
  try {
    await askToStop(connection, sessionId, remote, machine);
    return { kind: "gone" };
  } catch (error) {
    const isUnknown =
      connection.state !== "open" ||
      isSshFailure(error, "exec-timed-out") ||
      isViewerFailure(error, "viewer-on-another-machine");
    if (!isUnknown) throw error;
    const { host, port = 22 } = connection.target;
    const lost: SshFailure = { code: "connection-lost", host, port };
    return { kind: "unconfirmed", cause: error instanceof Failure ? error.detail : lost };
  }
}

/** @throws Failure `viewer-stop-failed`, `viewer-on-another-machine`, or an `SshFailure`. */
async function askToStop(
  connection: Connection,
  sessionId: string,
  remote: RemoteViewer | undefined,
  itsOwn: Machine | undefined,
): Promise<void> {
  const { pid, startTime, supervisor } = remote ?? { ...unknown, supervisor: unknown };
  const identity = [String(pid), startTime, String(supervisor.pid), supervisor.startTime];
  const args = [sessionId, ...identity, itsOwn ?? ""];
  const script = `${identityScript}\n${stopScript}`;
  const { output, stderr } = await runShortScript(connection, script, args, { timeout: stopLimit });
  const said = output.toString("utf8").trim();
  const { host } = connection.target;
  const gone = /^gone(?: (.+))?$/.exec(said);
  const isAbsent = gone !== null && isAnotherMachine(itsOwn, machineOf(gone[1]));
  if (gone && !isAbsent) return;
  const machine = isAbsent ? nameOfMachine(itsOwn ?? "") : /^elsewhere ([\w.-]+)$/.exec(said)?.[1];
  if (machine !== undefined)
    throw new Failure<ViewerFailure>({ code: "viewer-on-another-machine", host, machine });
  const reason = displayText(said || stderr.toString("utf8").trim().slice(-outputLength));
  throw new Failure<ViewerFailure>({ code: "viewer-stop-failed", host, pid, reason });
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
  const { output } = await runShortScript(connection, script, [sessionId, String(from), String(bytes)], {
    timeout: readLimit,
  });
  const newline = output.indexOf("\n");
  const [start = 0, size = 0] = output.toString("latin1", 0, Math.max(newline, 0)).split(" ").map(Number);
  const piece = output.subarray(newline + 1);
  return { text: piece.toString("utf8"), from: start, to: start + piece.length, size };
}
