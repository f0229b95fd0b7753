/** Bytes of one window, and of those of all streams of a connection together. */
const widest = 2 * 1024 * 1024;
const mostOfAll = 96 * 1024 * 1024;

/** Limits the memory for received data that is not read yet. */
export interface WindowBudget {
  /** A window of this many bytes is opened. */
  enter(window: number): void;
  /** @returns bytes by which a window may get wider now: as many as it has, or none. */
  widen(window: number): number;
  /** A window of this many bytes is gone. */
  leave(window: number): void;
}

export function createWindowBudget(most = mostOfAll): WindowBudget {
  let all = 0;
  return {
    enter: (window) => void (all += window),
    widen: (window) => {
      if (2 * window > widest || all + window > most) return 0;
      all += window;
      return window;
    },
    leave: (window) => void (all -= window),
  };
}
