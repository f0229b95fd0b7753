import { Failure } from "../../common/failure.js";
import { createSemaphore, type Semaphore } from "../../common/async/semaphore.js";
import type { Connection } from "../../ssh/model/connection.js";
import type { ApiFailure } from "../model/failures.js";

/** Limits concurrent work for each place. A bounded number of calls wait; more are rejected. */
export interface Gate {
  /** @throws Failure `too-much-waiting`; Cancelled when aborted while waiting; what the work throws. */
  through<T>(place: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

/** Runs something on a host, a few at a time. @throws as {@link Gate.through}. */
export type OnHost = <T>(connection: Connection, signal: AbortSignal, work: () => Promise<T>) => Promise<T>;

interface Place {
  readonly semaphore: Semaphore;
  inside: number;
}

export function createGate(atOnce: number, waiting: number): Gate {
  const places = new Map<string, Place>();
  return {
    through: async (name, signal, work) => {
      const place = places.get(name) ?? { semaphore: createSemaphore(atOnce), inside: 0 };
      if (place.inside >= atOnce + waiting) throw new Failure<ApiFailure>({ code: "too-much-waiting" });
      places.set(name, place);
      place.inside += 1;
      try {
        const leave = await place.semaphore.enter(signal);
        try {
          return await work();
        } finally {
          leave();
        }
      } finally {
        place.inside -= 1;
        if (place.inside === 0) places.delete(name);
      }
    },
  };
}
