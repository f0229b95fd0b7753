/** Files of one request, at least and at most. */
const fewest = 250;
const most = 1_000;
/** Of the time of a request, what may pass before the first answer. */
const waitingShare = 0.2;

/**
 * Decides how many files one request asks for: few, so that what is known of each of them is let go of soon, and more where
 * the way to the host and back takes its time.
 */
export interface BatchSize {
  readonly files: number;
  /** @param waited milliseconds until the first answer, of all that the request took. */
  note(waited: number, took: number): void;
}

export function createBatchSize(): BatchSize {
  let files = fewest;
  return {
    get files() {
      return files;
    },
    note: (waited, took) => {
      files = waited > waitingShare * took ? Math.min(most, 2 * files) : Math.max(fewest, files / 2);
    },
  };
}
