import type { Cache } from "../../../src/sync/cache/cache.js";

/** Acquires the right to write to a copy. @returns what lets go of it. */
export function beginWriting(cache: Cache): Promise<() => Promise<void>> {
  return new Promise((resolve, reject) => {
    let end = (): void => undefined;
    const done = new Promise<void>((release) => (end = release));
    const writing = cache.whileWriting(() => {
      resolve(async () => {
        end();
        await writing;
      });
      return done;
    });
    writing.catch(reject);
  });
}
