import { expect, it } from "vitest";
import { createBatchSize } from "../../../../src/sync/pass/batchSize.js";

it("requests more files at once with a high latency, and few with a low one", () => {
  const size = createBatchSize();
  const sizes = [size.files];
  for (const [waited, took] of [
    [1, 100],
    [200, 300],
    [200, 400],
    [200, 700],
    [200, 900],
    [1, 100],
    [1, 100],
  ] as const) {
    size.note(waited, took);
    sizes.push(size.files);
  }
  expect(sizes).toEqual([250, 250, 500, 1_000, 1_000, 1_000, 500, 250]);
});
