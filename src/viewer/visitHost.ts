import { Failure } from "../common/failure.js";
import type { Connection } from "../ssh/model/connection.js";
import { type HostSession, listHostSessions, stopViewer } from "./remote/hostSessions.js";
import type { Machine } from "./session/machine.js";
import type { ViewerSession } from "./session/session.js";
import type { SessionStore } from "./session/sessionStore.js";
import type { SessionTable } from "./session/sessionTable.js";

/** What was found on a host. */
export interface Visit {
  /** The sessions of ours that live there and are to live on. */
  readonly found: readonly HostSession[];
  /** The machine that has said so, where it says which one it is. */
  readonly machine: Machine | undefined;
  /** When the host was asked, by the clock of `performance.now()`. */
  readonly askedAt: number;
}

/** What this program and this machine know of sessions. */
export interface Known {
  readonly table: SessionTable;
  readonly store: SessionStore;
}

/**
 * One exec tells which sessions of ours live on a host. Pending and unconfirmed stops are carried out now.
 * @throws Failure with an `SshFailure`.
 */
export async function visitHost(connection: Connection, known: Known): Promise<Visit> {
  const askedAt = performance.now();
  const { sessions: all, machine } = await listHostSessions(connection);
  const wanted = await wantedStops(known);
  const isToStop = ({ id, connectionId }: WantedStop): boolean => {
    const listed = all.find((one) => one.id === id);
    // Also what is not in the list: it may have no more than a folder yet.
    return listed ? listed.status.kind !== "elsewhere" : connectionId === connection.id;
  };
  const toStop = wanted.filter(isToStop);
  const survivors = await stopThose(connection, toStop, all, known);
  const isStopped = (id: string): boolean => toStop.some((one) => one.id === id) && !survivors.includes(id);
  return { found: all.filter(({ id }) => !isStopped(id)), machine, askedAt };
}

/**
 * Carries out pending stops only.
 * @throws Failure with an `SshFailure`.
 */
export async function carryOutStops(connection: Connection, known: Known): Promise<void> {
  const wanted = await wantedStops(known);
  if (wanted.some(({ connectionId }) => connectionId === connection.id)) await visitHost(connection, known);
}

type WantedStop = Pick<ViewerSession, "id" | "connectionId" | "machine" | "startedAt" | "kept">;

/** Milliseconds after a viewer's start after which a pending stop is dropped on machines that do not have it. */
const mostPatience = 7 * 86_400_000;

/** Whether its lease has ended it in any case, so that no machine needs to be asked for it any more. */
function isLongOver({ kept, startedAt }: WantedStop): boolean {
  return !kept && Date.now() - startedAt > mostPatience;
}

/** The sessions that were to be stopped, without a word of their hosts since. */
async function wantedStops({ table, store }: Known): Promise<WantedStop[]> {
  const ended = table.unconfirmed.map(({ session }) => session);
  const isNew = ({ id }: WantedStop): boolean => !ended.some((one) => one.id === id);
  const stored = (await store.list()).filter((one) => one.stopWanted && isNew(one));
  return [...ended, ...stored];
}

/** @returns those that still run. Unconfirmed ones are retried at the next visit. */
async function stopThose(
  connection: Connection,
  wanted: readonly WantedStop[],
  found: readonly HostSession[],
  { table, store }: Known,
): Promise<string[]> {
  const survivors: string[] = [];
  await Promise.all(
    wanted.map(async (one) => {
      const { id, machine } = one;
      try {
        const remote = found.find((there) => there.id === id)?.remote;
        const outcome = await stopViewer(connection, id, remote, machine);
        if (outcome.kind === "gone") table.ended(id)?.confirmGone();
        else if (outcome.cause.code !== "viewer-on-another-machine" || !isLongOver(one)) return;
        await store.remove(id);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        survivors.push(id);
      }
    }),
  );
  return survivors;
}

/** Tells the sessions that wait for their host what was found of them. */
export function tellSessions(
  table: SessionTable,
  connectionId: string,
  { found, machine, askedAt }: Visit,
): void {
  for (const live of table.of(connectionId)) {
    if (live.session.state.kind !== "reconnecting") continue;
    const there = found.find(({ id }) => id === live.session.id);
    if (there?.status.kind === "running") live.foundAgain(there.remote);
    else live.hear(there?.status ?? { kind: "gone", at: machine }, askedAt);
  }
}
