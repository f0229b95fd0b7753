import { Cancelled, orCancelled } from "../../common/failure.js";

/** One writer per file within this process: a pass and somebody who opens a file must not write at the same time. */
export interface PathLocks {
  /** @returns a function that unlocks, or undefined while the path is locked. */
  take(path: string): (() => void) | undefined;
  /** Waits for its turn. @throws Cancelled */
  wait(path: string, signal: AbortSignal): Promise<() => void>;
}

export function createPathLocks(): PathLocks {
  const taken = new Map<string, { readonly freed: Promise<void>; readonly free: () => void }>();
  const take = (path: string): (() => void) | undefined => {
    if (taken.has(path)) return undefined;
    let free = (): void => undefined;
    const freed = new Promise<void>((resolve) => (free = resolve));
    taken.set(path, { freed, free });
    return () => {
      taken.delete(path);
      free();
    };
  };
  return {
    take,
    wait: async (path, signal) => {
      for (;;) {
        if (signal.aborted) throw new Cancelled();
        const leave = take(path);
        if (leave) return leave;
        await orCancelled(taken.get(path)?.freed ?? Promise.resolve(), signal);
      }
    },
  };
}
