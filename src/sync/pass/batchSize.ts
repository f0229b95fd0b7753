/** Files of one request, at least and at most. */
const fewest = 250;
const most = 1_000;
/** Of the time of a request, what may pass before the first answer. */
const waitingShare = 0.2;

/** Chooses the batch size of a request: small, to free memory soon; larger on links with high latency. */
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
