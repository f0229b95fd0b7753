import { Emitter, nextEvent } from "../common/event.js";
import type { CommandResult } from "./frames.js";
import type { Journal } from "./journal.js";
import type { Wire } from "./link.js";

/** Gets results to the main server: at once when it is there, again after a reconnect until it says that it has them. */
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
  /** Stands in for a result that was not kept. */
  readonly gone: CommandResult;
  readonly onResent: () => void;
  readonly onError: (error: unknown) => void;
}

/** What one wire has carried. */
interface Passage {
  readonly wire: Wire;
  readonly sent: Set<string>;
  /** In the order in which they were sent. */
  readonly unconfirmed: string[];
  /** The server confirms each by a Socket.IO callback: its events say nothing more. */
  confirmsByCallback: boolean;
}

export function createDelivery({ journal, gone, onResent, onError }: DeliveryOptions): Delivery {
  let passage: Passage | undefined;
  /** Those that any wire has carried. */
  const everSent = new Set<string>();
  const progress = new Emitter<void>();

  const deliver: Delivery["deliver"] = (id, result, again = false) => {
    if (!passage || (passage.sent.has(id) && !again)) return;
    if (everSent.has(id)) onResent();
    everSent.add(id);
    passage.sent.add(id);
    passage.unconfirmed.push(id);
    // A wire that is cut says so by itself; the journal still has the result.
    passage.wire.send(id, result).catch(() => undefined);
  };

  const deliverAgain: Delivery["deliverAgain"] = async (id) => {
    const result = await journal.result(id);
    deliver(id, result ?? gone, true);
  };

  /** One after the other: all of them at once need not fit into memory. */
  const deliverBacklog = async (current: Passage): Promise<void> => {
    for (const id of journal.unacknowledged()) {
      if (passage !== current) return;
      if (current.sent.has(id)) continue;
      const result = await journal.result(id);
      if (passage === current) deliver(id, result ?? gone);
    }
  };

  const confirm = (id: string): void => {
    everSent.delete(id);
    journal.acknowledge(id).catch(onError);
    progress.fire();
  };

  return {
    useWire: (wire) => {
      passage = wire && { wire, sent: new Set(), unconfirmed: [], confirmsByCallback: false };
      if (passage) deliverBacklog(passage).catch(onError);
      else progress.fire();
    },
    deliver,
    deliverAgain,
    acknowledged: (id, success, how) => {
      if (!passage) return;
      if (how === "callback") passage.confirmsByCallback = true;
      else if (id === undefined && passage.confirmsByCallback) return;
      const { unconfirmed } = passage;
      const at = id === undefined ? 0 : unconfirmed.indexOf(id);
      const confirmed = at < 0 ? id : unconfirmed.splice(at, 1)[0];
      if (confirmed !== undefined && success) confirm(confirmed);
    },
    settled: async (limit) => {
      const isSettled = (): boolean => !passage || journal.unacknowledged().length === 0;
      if (isSettled()) return;
      await nextEvent(progress.event, isSettled, AbortSignal.timeout(limit)).catch(() => undefined);
    },
  };
}
