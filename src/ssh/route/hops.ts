import { orCancelled } from "../../common/failure.js";
import type { Connection } from "../model/connection.js";

/**
 * Connections to jump hosts, shared by all routes through the same one and closed with the last of them (reference
 * counting).
 */
export interface Hops {
  /**
   * @param key names the hop, its own way included.
   * @param open connects to it; called when nobody else is doing so.
   * @returns the connection, and what must be called once when it is not needed any more.
   */
  borrow(
    key: string,
    open: (signal: AbortSignal) => Promise<Connection>,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly connection: Connection; readonly release: () => void }>;
  /** Resolves when every connection that was given up is closed. */
  settled(): Promise<void>;
}

interface Hop {
  readonly work: Promise<Connection>;
  readonly giveUp: AbortController;
  users: number;
}

export function createHops(): Hops {
  const hops = new Map<string, Hop>();
  const closing = new Set<Promise<void>>();

  const forget = (key: string, hop: Hop): void => {
    if (hops.get(key) === hop) hops.delete(key);
  };

  const begin = (key: string, open: (signal: AbortSignal) => Promise<Connection>): Hop => {
    const giveUp = new AbortController();
    const hop: Hop = { work: open(giveUp.signal), giveUp, users: 0 };
    hops.set(key, hop);
    hop.work.then(
      (connection) => connection.onDidClose(() => forget(key, hop)),
      () => forget(key, hop),
    );
    return hop;
  };

  const leave = (key: string, hop: Hop): void => {
    hop.users -= 1;
    if (hop.users > 0) return;
    forget(key, hop);
    hop.giveUp.abort();
    const closed = hop.work.then((connection) => connection.close()).catch(() => undefined);
    closing.add(closed);
    void closed.then(() => closing.delete(closed));
  };

  return {
    borrow: async (key, open, signal) => {
      const hop = hops.get(key) ?? begin(key, open);
      hop.users += 1;
      let released = false;
      const release = (): void => {
        if (!released) leave(key, hop);
        released = true;
      };
      try {
        return { connection: await orCancelled(hop.work, signal), release };
      } catch (error) {
        release();
        throw error;
      }
    },
    settled: async () => {
      await Promise.all(closing);
    },
  };
}
