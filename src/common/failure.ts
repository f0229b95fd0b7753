/** What happened, as data: a code from one room's union and the facts that its sentence needs. Never a secret. */
export interface FailureDetail {
  readonly code: string;
}

/**
 * An expected failure that a person will be told about. The core throws codes and facts; the words, the advice and
 * the button live in `src/messages`, so that every surface says the same thing in the reader's language.
 */
export class Failure<D extends FailureDetail = FailureDetail> extends Error {
  /** As JavaScript does anyway; declared, because `instanceof` would otherwise make the detail `any`. */
  declare static readonly [Symbol.hasInstance]: (value: unknown) => value is Failure;

  override readonly name = "Failure";

  constructor(
    readonly detail: D,
    options?: { readonly cause?: unknown },
  ) {
    super(detail.code, options);
  }
}

/** The user (or a caller that went away) ended the operation. Not a failure: nothing is shown for it. */
export class Cancelled extends Error {
  override readonly name = "Cancelled";

  constructor() {
    super("cancelled");
  }
}

/**
 * Makes the guard of one union of failures, which stands beside that union: whether an error is a failure with one of
 * these codes. Where it is, the fields of those codes can be read. No two unions share a code, so the code tells all.
 */
export function failureGuard<D extends FailureDetail>() {
  return <C extends D["code"]>(
    error: unknown,
    ...codes: readonly [C, ...C[]]
  ): error is Failure<Extract<D, { readonly code: C }>> =>
    error instanceof Failure && codes.some((code) => code === error.detail.code);
}

/** Throws {@link Cancelled} when the signal is aborted, whatever its reason. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new Cancelled();
}

/** Settles with `work`, or rejects with {@link Cancelled} as soon as the signal is aborted. */
export async function orCancelled<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  throwIfCancelled(signal);
  let onAbort: () => void = () => undefined;
  const cancelled = new Promise<never>((_, reject) => {
    onAbort = () => reject(new Cancelled());
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([work, cancelled]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
