/**
 * Milliseconds for a login, from the host key on: a person may confirm it elsewhere, or touch a security key. sshd itself
 * gives up after two minutes (LoginGraceTime).
 */
export const loginLimit = 130_000;

/** Limits one phase of a connect at a time, and stands still while a person is asked. */
export interface PhaseTimer {
  /** Starts the clock anew. */
  start(milliseconds: number): void;
  /** Pauses the timer during the question, then restarts it with the whole time. */
  paused<T>(question: () => Promise<T>): Promise<T>;
  stop(): void;
}

export function createPhaseTimer(onTimeout: (milliseconds: number) => void): PhaseTimer {
  let limit = 0;
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  const stop = (): void => {
    over = true;
    clearTimeout(timer);
  };
  const start = (milliseconds: number): void => {
    clearTimeout(timer);
    over = false;
    limit = milliseconds;
    timer = setTimeout(() => onTimeout(milliseconds), milliseconds);
  };
  return {
    start,
    stop,
    paused: async (question) => {
      clearTimeout(timer);
      try {
        return await question();
      } finally {
        if (!over) start(limit);
      }
    },
  };
}
