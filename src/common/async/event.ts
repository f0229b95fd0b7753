import { type Disposable, toDisposable } from "./disposable.js";

/** Registers a listener; dispose the result to remove it. The shape is VS Code's. */
export type Event<T> = (listener: (event: T) => void) => Disposable;

/** The sending side of an {@link Event}. A listener that throws does not keep the others from hearing. */
export class Emitter<T> implements Disposable {
  readonly #listeners = new Set<{ readonly listener: (event: T) => void }>();
  readonly #onListenerError: (error: unknown) => void;

  /** @param onListenerError where a throwing listener is reported; by default it is rethrown on a microtask. */
  constructor(onListenerError: (error: unknown) => void = rethrowLater) {
    this.#onListenerError = onListenerError;
  }

  readonly event: Event<T> = (listener) => {
    const entry = { listener };
    this.#listeners.add(entry);
    return toDisposable(() => this.#listeners.delete(entry));
  };

  fire(event: T): void {
    for (const { listener } of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        this.#onListenerError(error);
      }
    }
  }

  dispose(): void {
    this.#listeners.clear();
  }
}

function rethrowLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/** Resolves with the first event that `accept` takes; rejects with the signal's reason when aborted first. */
export function nextEvent<T>(
  event: Event<T>,
  accept: (event: T) => boolean = () => true,
  signal?: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const onAbort = (): void => {
      subscription.dispose();
      reject(signal?.reason as Error);
    };
    const subscription = event((value) => {
      if (!accept(value)) return;
      subscription.dispose();
      signal?.removeEventListener("abort", onAbort);
      resolve(value);
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
