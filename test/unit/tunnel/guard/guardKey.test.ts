import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { silentLogger } from "../../../../src/common/logger.js";
import { readGuardKey } from "../../../../src/tunnel/guard/guardKey.js";

it("the key stays, for our own account only, also where several programs begin at once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "key-"));
  const file = join(folder, "data", "guard-key");
  const keys = await Promise.all(Array.from({ length: 5 }, () => readGuardKey(file, silentLogger)));
  for (const key of keys) expect(key).toEqual(keys[0]);
  expect(keys[0]).toHaveLength(32);
  expect(await readGuardKey(file, silentLogger)).toEqual(keys[0]);
  expect(await readFile(file)).toEqual(keys[0]);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await writeFile(file, "short");
  const next = await readGuardKey(file, silentLogger);
  expect(next).not.toEqual(keys[0]);
  expect(await readGuardKey(file, silentLogger)).toEqual(next);
  // Where it cannot be kept there is one nevertheless.
  expect(await readGuardKey(join(file, "in a file"), silentLogger)).toHaveLength(32);
  await rm(folder, { recursive: true });
});
