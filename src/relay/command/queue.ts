/** A FIFO queue with a global limit and one for each host. */
export interface Queue {
  /** @returns false when too much waits already; the work then never runs. */
  push(host: string, work: () => Promise<void>): boolean;
  readonly running: number;
  readonly waiting: number;
}

export interface QueueLimits {
  readonly overall: number;
  readonly perHost: number;
  readonly waiting: number;
}

interface Item {
  readonly host: string;
  /** Never rejects. */
  readonly work: () => Promise<void>;
}

export function createQueue(limits: QueueLimits): Queue {
  const waiting: Item[] = [];
  const perHost = new Map<string, number>();
  let running = 0;

  const isFree = ({ host }: Item): boolean => (perHost.get(host) ?? 0) < limits.perHost;

  const count = (host: string, change: 1 | -1): void => {
    running += change;
    const now = (perHost.get(host) ?? 0) + change;
    if (now === 0) perHost.delete(host);
    else perHost.set(host, now);
  };

  const startWhatMay = (): void => {
    while (running < limits.overall) {
      // A busy host does not block commands for others (no head-of-line blocking).
      const next = waiting.findIndex(isFree);
      const [item] = next < 0 ? [] : waiting.splice(next, 1);
      if (!item) return;
      count(item.host, 1);
      void item.work().finally(() => {
        count(item.host, -1);
        startWhatMay();
      });
    }
  };

  return {
    push: (host, work) => {
      const item = { host, work };
      const startsNow = running < limits.overall && isFree(item);
      if (!startsNow && waiting.length >= limits.waiting) return false;
      waiting.push(item);
      startWhatMay();
      return true;
    },
    get running() {
      return running;
    },
    get waiting() {
      return waiting.length;
    },
  };
}
