import { timeLimit } from "../common/async/timeLimit.js";
import { Emitter, nextEvent } from "../common/async/event.js";
import type { CommandResult } from "./protocol/serverMessages.js";
import type { Journal } from "./journal/journal.js";
import type { Wire } from "./wire/link.js";
import { createResultsInFlight, type ResultsInFlight } from "./resultsInFlight.js";

/**
 * Delivers results to the main server at least once: immediately while connected, and again after a reconnect until
 * they are acknowledged.
 */
export interface Delivery {
  /** @param wire undefined when the server is gone. */
  useWire(wire: Wire | undefined): void;
  /** @param again sends it even when this wire has carried it already: the server asked. */
  deliver(id: string, result: CommandResult, again?: boolean): void;
  /** Sends what is in the journal. */
  deliverAgain(id: string): Promise<void>;
  /** @param id undefined where the server does not say which: they are confirmed in the order in which they were sent. */
  acknowledged(id: string | undefined, success: boolean, how: "event" | "callback"): void;
  /** Resolves when the server has everything, is gone, or has had `limit` milliseconds. */
  settled(limit: number): Promise<void>;
}

export interface DeliveryOptions {
  readonly journal: Journal;
  /** Sent in place of a result that was not kept. */
  readonly gone: CommandResult;
  readonly onResent: () => void;
  readonly onError: (error: unknown) => void;
}

/** Results whose confirmation is waited for: as many as the journal remembers. */
const openLimit = 20_000;

/** The connection that there is. */
interface Way {
  readonly wire: Wire;
  readonly inFlight: ResultsInFlight;
  /** The server confirms each by a Socket.IO callback: its events say nothing more. */
  confirmsByCallback: boolean;
}

export function createDelivery({ journal, gone, onResent, onError }: DeliveryOptions): Delivery {
  let way: Way | undefined;
  /** Those that any wire has carried, and that nobody has confirmed. */
  const everSent = new Set<string>();
  const progress = new Emitter<void>();

  const deliver: Delivery["deliver"] = (id, result, again = false) => {
    if (!way || (way.inFlight.has(id) && !again)) return;
    if (everSent.has(id)) onResent();
    everSent.add(id);
    if (everSent.size > openLimit) everSent.delete(everSent.keys().next().value ?? "");
    way.inFlight.sent(id);
    // Ignore: a broken wire reports itself, and the journal still has the result.
    way.wire.send(id, result).catch(() => undefined);
  };

  const deliverAgain: Delivery["deliverAgain"] = async (id) => {
    const result = await journal.result(id);
    deliver(id, result ?? gone, true);
  };

  /** One at a time: all results together may not fit into memory. */
  const deliverBacklog = async (current: Way): Promise<void> => {
    const isOpen = (id: string): boolean => journal.unacknowledged().has(id) && !current.inFlight.has(id);
    // A copy: what ends meanwhile is delivered by itself.
    for (const id of [...journal.unacknowledged()]) {
      if (way !== current) return;
      if (!isOpen(id)) continue;
      const result = await journal.result(id);
      if (way === current && isOpen(id)) deliver(id, result ?? gone);
    }
  };

  const confirm = (id: string): void => {
    everSent.delete(id);
    journal.acknowledge(id).catch(onError);
    progress.fire();
  };

  return {
    useWire: (wire) => {
      way = wire && { wire, inFlight: createResultsInFlight(openLimit), confirmsByCallback: false };
      if (way) deliverBacklog(way).catch(onError);
      else progress.fire();
    },
    deliver,
    deliverAgain,
    acknowledged: (id, success, how) => {
      if (!way) return;
      if (how === "callback") way.confirmsByCallback = true;
      else if (id === undefined && way.confirmsByCallback) return;
      const confirmed = way.inFlight.answered(id);
      if (confirmed !== undefined && success) confirm(confirmed);
    },
    settled: async (limit) => {
      const isSettled = (): boolean => !way || journal.unacknowledged().size === 0;
      if (isSettled()) return;
      await nextEvent(progress.event, isSettled, timeLimit(limit)).catch(() => undefined);
    },
  };
}
