/** Results sent over one connection to the main server and not acknowledged yet. */
export interface ResultsInFlight {
  /** Whether this result was sent and is not acknowledged. */
  has(id: string): boolean;
  sent(id: string): void;
  /**
   * Takes away what an answer is about.
   * @param id undefined where the answer does not say it: it is about the one that was carried first.
   */
  answered(id: string | undefined): string | undefined;
  /** Of those that are not answered. */
  readonly size: number;
}

/** @param limit how many acknowledgements to wait for: a server that never sends one must not exhaust memory. */
export function createResultsInFlight(limit: number): ResultsInFlight {
  /** In the order in which they were carried; what was asked for again stands here twice. */
  const open: string[] = [];
  const times = new Map<string, number>();
  /** Answers that may still come for what was given up. */
  let overdue = 0;

  const take = (at: number): string | undefined => {
    const [id] = open.splice(at, 1);
    if (id === undefined) return undefined;
    const left = (times.get(id) ?? 1) - 1;
    if (left === 0) times.delete(id);
    else times.set(id, left);
    return id;
  };

  return {
    has: (id) => times.has(id),
    sent: (id) => {
      open.push(id);
      times.set(id, (times.get(id) ?? 0) + 1);
      if (open.length <= limit) return;
      take(0);
      overdue += 1;
    },
    answered: (id) => {
      if (id !== undefined) {
        const at = open.indexOf(id);
        return at < 0 ? id : take(at);
      }
      if (overdue === 0) return take(0);
      overdue -= 1;
      return undefined;
    },
    get size() {
      return open.length;
    },
  };
}
