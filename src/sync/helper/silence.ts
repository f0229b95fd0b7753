/** Nothing came for too long: a helper that gets on with its work says so every few seconds. */
export class Silent extends Error {
  override readonly name = "Silent";

  /** @param limit milliseconds. */
  constructor(limit: number) {
    super(`nothing was heard for ${limit / 1_000} seconds`);
  }
}

/** In so many steps the time is counted: one that took longer, as while this machine slept, counts as one. */
const steps = 20;

/**
 * The same stream. Only the time counts in which somebody waits for more of it, and in which this program runs.
 * @param limit milliseconds.
 * @throws Silent
 */
export async function* failWhenSilent(stream: AsyncIterable<Buffer>, limit: number): AsyncIterable<Buffer> {
  const iterator = stream[Symbol.asyncIterator]();
  for (;;) {
    const next = await within(iterator.next(), limit);
    if (next.done) return;
    yield next.value;
  }
}

async function within<T>(work: Promise<T>, limit: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    let left = steps;
    const step = (): void => {
      left -= 1;
      if (left < 0) reject(new Silent(limit));
      else timer = setTimeout(step, limit / steps);
    };
    step();
  });
  try {
    return await Promise.race([work, silence]);
  } finally {
    clearTimeout(timer);
  }
}
