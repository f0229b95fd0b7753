import { isSyncFailure, type MuchGone } from "./failures.js";

/** The question whether what is gone from the host is to go here too. */
export interface GoneQuestion {
  /** The person says so of what they were told last. */
  confirm(): void;
  /**
   * Runs a pass with what may go, and notes what it asks.
   * @throws what the pass throws, among it Failure `sync-much-gone`.
   */
  during<Result>(pass: (mayGo: MuchGone | undefined) => Promise<Result>): Promise<Result>;
}

export function createGoneQuestion(): GoneQuestion {
  let asked: { readonly told: MuchGone; readonly isConfirmed: boolean } | undefined;
  return {
    confirm: () => {
      if (asked) asked = { ...asked, isConfirmed: true };
    },
    during: async (pass) => {
      const before = asked;
      try {
        const result = await pass(before?.isConfirmed ? before.told : undefined);
        asked = undefined;
        return result;
      } catch (error) {
        // What was confirmed during this pass holds for the next one.
        const isConfirmedMeanwhile = asked !== before;
        if (isSyncFailure(error, "sync-much-gone") && !isConfirmedMeanwhile)
          asked = { told: error.detail, isConfirmed: false };
        throw error;
      }
    },
  };
}
