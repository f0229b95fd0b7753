/** The helper was silent for too long: a working helper reports every few seconds. */
export class Silent extends Error {
  override readonly name = "Silent";

  /** @param limit milliseconds. */
  constructor(limit: number) {
    super(`nothing was heard for ${limit / 1_000} seconds`);
  }
}

/** The limit is counted in this many steps, so that a machine that slept loses one step and not all of its time. */
const steps = 20;

/**
 * The same stream with a limit on silence. Only time spent waiting for more counts, not time asleep.
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
