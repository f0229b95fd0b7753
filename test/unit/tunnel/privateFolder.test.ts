import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makePrivateFolder } from "../../../src/ssh/privateFolder.js";

it("is for us alone, short, and takes those of killed programs along", async () => {
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  const abandoned = join(tmpdir(), `runicorn-${pid}-abcdef`);
  const running = join(tmpdir(), `runicorn-${process.ppid}-abcdef`);
  const foreign = join(tmpdir(), `runicorn-notes-${pid}`);
  for (const folder of [abandoned, running, foreign]) await mkdir(folder);
  const folder = await makePrivateFolder();
  if (process.platform !== "win32") expect((await stat(folder.path)).mode & 0o777).toBe(0o700);
  expect(folder.path.length).toBeLessThan(90);
  expect([abandoned, running, foreign].map((path) => existsSync(path))).toEqual([false, true, true]);
  await folder.dispose();
  expect(existsSync(folder.path)).toBe(false);
  for (const path of [running, foreign]) await rm(path, { recursive: true });
});
