import { Failure } from "../common/failure.js";
import type { Connection } from "../ssh/model/connection.js";
import type { Hosts } from "./hosts.js";
import { stopViewer } from "./remote/hostSessions.js";
import { unconfirmedStop } from "./session/facts.js";
import type { LiveSession } from "./session/liveSession.js";
import type { StoredSession } from "./session/sessionStore.js";
import type { Viewers } from "./viewers.js";
import type { Known } from "./visitHost.js";

export interface EndSessionsOptions extends Known {
  readonly hosts: Pick<Hosts, "settled">;
  /** The open connection to the host of a session that is not in the table, or a new one; a person may be asked. */
  readonly connectTo: (session: Pick<StoredSession, "connectionId" | "target">) => Promise<Connection>;
  /** Seconds that a viewer lives on without a client. */
  readonly graceSeconds: () => number;
}

/** The ways in which sessions end. */
export function endSessions(
  options: EndSessionsOptions,
): Pick<Viewers, "stop" | "stopAll" | "stopLast" | "leave" | "endOf"> {
  const { table, store, hosts } = options;
  return {
    stop: async (id) => {
      const live = table.get(id);
      await (live ? stopEach([live]) : stopAgain(id, options));
      await store.settled();
    },
    stopAll: async (connectionId) => {
      await stopEach(table.of(connectionId));
      await store.settled();
    },
    stopLast: async () => {
      const stays: StoredSession[] = [];
      for (const entry of await store.list()) {
        if (entry.kept || (await store.isElsewhere(entry))) stays.push(entry);
      }
      const isLast = ({ session: { id, kept } }: LiveSession): boolean =>
        !kept && !stays.some((entry) => entry.id === id);
      const all = table.of();
      await allEnded([
        ...all.filter(isLast).map((live) => live.stop()),
        ...all.filter((live) => !isLast(live)).map((live) => live.leave()),
        hosts.settled(),
      ]);
      await store.settled();
    },
    leave: async (connectionId) => {
      await Promise.all(table.of(connectionId).map((live) => live.leave()));
      if (connectionId === undefined) await hosts.settled();
      await store.settled();
    },
    endOf: (id) => table.ended(id)?.session,
  };
}

/** Stops all in parallel; one failure does not stop the others. */
function stopEach(all: readonly LiveSession[]): Promise<void> {
  return allEnded(all.map((live) => live.stop()));
}

async function allEnded(all: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(all);
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}

/** Retries a stop that the host did not confirm. */
async function stopAgain(id: string, options: EndSessionsOptions): Promise<void> {
  const { table, store, connectTo, graceSeconds } = options;
  const ended = table.unconfirmed.find(({ session }) => session.id === id);
  const stored = (await store.list()).find((entry) => entry.id === id && entry.stopWanted);
  const connectionId = ended?.session.connectionId ?? stored?.connectionId;
  const target = ended?.target ?? stored?.target;
  if (connectionId === undefined || !target) return;
  const machine = ended?.session.machine ?? stored?.machine;
  const outcome = await stopViewer(await connectTo({ connectionId, target }), id, undefined, machine);
  if (outcome.kind === "unconfirmed") {
    const kept = ended?.session.kept ?? stored?.kept ?? false;
    throw new Failure(unconfirmedStop({ host: target.host, kept }, outcome.cause, graceSeconds()));
  }
  ended?.confirmGone();
  await store.remove(id);
}
