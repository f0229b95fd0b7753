/** Holds something up until a test lets it go on. */
export interface Gate {
  /** Resolves when somebody waits at it. */
  readonly reached: Promise<void>;
  /** What is held up waits for this. */
  pass(): Promise<void>;
  open(): void;
}

export function createGate(): Gate {
  let open: () => void = () => undefined;
  let reach: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const reached = new Promise<void>((resolve) => (reach = resolve));
  return {
    reached,
    pass: () => {
      reach();
      return opened;
    },
    open: () => open(),
  };
}
