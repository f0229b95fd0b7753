import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { createWriteTurns } from "../../../../src/sync/cache/writeTurns.js";

it("a caller that cancels just when the lock is acquired does not keep it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "turns-"));
  const path = join(folder, "lock");
  const prepared = (): Promise<void> => Promise.resolve();
  for (let times = 0; times < 20; times += 1) {
    const impatient = new AbortController();
    const given = createWriteTurns(path, prepared).run(() => Promise.resolve("done"), impatient.signal);
    while (!existsSync(path)) await turn();
    impatient.abort();
    await given.catch(() => undefined);
    const next = createWriteTurns(path, prepared);
    expect(await next.run(() => Promise.resolve("next"), AbortSignal.timeout(5_000))).toBe("next");
  }
  await rm(folder, { recursive: true });
});
