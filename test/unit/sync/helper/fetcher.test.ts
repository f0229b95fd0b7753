import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Cancelled } from "../../../../src/common/failure.js";
import type { Connection } from "../../../../src/ssh/model/connection.js";
import { createFetcher } from "../../../../src/sync/helper/fetcher.js";
import type { RemoteFiles } from "../../../../src/sync/remote/remoteFiles.js";

const connection = { id: "one" } as Connection;

/** Counts what is opened and closed on the host. */
function helpers() {
  const seen = { opened: 0, closed: 0 };
  const open = (): Promise<RemoteFiles> => {
    seen.opened += 1;
    return Promise.resolve({ close: () => (seen.closed += 1) } as unknown as RemoteFiles);
  };
  return { seen, open };
}

describe("the helper for single files", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const nothing = (): Promise<void> => Promise.resolve();

  it("is opened once for concurrent requests, and closed a minute after the last", async () => {
    const { seen, open } = helpers();
    const fetcher = createFetcher(open);
    for (let look = 0; look < 60; look += 1) {
      await Promise.all([1, 2, 3].map(() => fetcher.use(connection, nothing)));
      await vi.advanceTimersByTimeAsync(2_000);
    }
    expect(seen).toEqual({ opened: 1, closed: 0 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(seen).toEqual({ opened: 1, closed: 1 });
    await fetcher.use(connection, nothing);
    expect(seen.opened).toBe(2);
  });

  it("stays open while a long transfer uses it", async () => {
    const { seen, open } = helpers();
    const fetcher = createFetcher(open);
    let finish: () => void = () => undefined;
    const long = fetcher.use(connection, () => new Promise<void>((resolve) => (finish = resolve)));
    await fetcher.use(connection, nothing);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(seen.closed).toBe(0);
    finish();
    await long;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(seen.closed).toBe(1);
  });

  it("is kept for others when one waiting request is cancelled", async () => {
    let isOpen: (files: RemoteFiles) => void = () => undefined;
    const fetcher = createFetcher(() => new Promise((resolve) => (isOpen = resolve)));
    const cancel = new AbortController();
    const one = fetcher.use(connection, nothing, cancel.signal);
    const other = fetcher.use(connection, () => Promise.resolve("done"));
    cancel.abort();
    await expect(one).rejects.toBeInstanceOf(Cancelled);
    isOpen({ close: () => undefined } as unknown as RemoteFiles);
    expect(await other).toBe("done");
  });

  it("is opened again after a failure", async () => {
    const open = vi.fn().mockRejectedValueOnce(new Error("no session")).mockResolvedValue({});
    const fetcher = createFetcher(open);
    await expect(fetcher.use(connection, nothing)).rejects.toThrow("no session");
    expect(await fetcher.use(connection, () => Promise.resolve("done"))).toBe("done");
  });

  it("is another one on another connection", async () => {
    const { seen, open } = helpers();
    const fetcher = createFetcher(open);
    await fetcher.use(connection, nothing);
    await fetcher.use({ id: "two" } as Connection, nothing);
    expect(seen).toEqual({ opened: 2, closed: 1 });
  });
});
