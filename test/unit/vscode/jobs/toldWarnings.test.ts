import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { claimWarning } from "../../../../src/vscode/jobs/toldWarnings.js";

describe("warnings of several windows", () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "warnings-"));
    file = join(folder, "jobWarnings.json");
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("are told by one of them, each once", async () => {
    const first = { key: "7 gpu", mark: 600_000 };
    const all = await Promise.all(Array.from({ length: 8 }, () => claimWarning(file, first)));
    expect(all.filter((isOurs) => isOurs)).toHaveLength(1);
    expect(await claimWarning(file, { ...first, mark: 120_000 })).toBe(true);
    expect(await claimWarning(file, { ...first, key: "8 gpu" })).toBe(true);
    // The later one has been told.
    expect(await claimWarning(file, first)).toBe(false);
  });

  it("are forgotten when their job is long over", async () => {
    const day = 24 * 3_600_000;
    await claimWarning(file, { key: "7 gpu", mark: 600_000 }, Date.now() - 8 * day);
    await claimWarning(file, { key: "8 gpu", mark: 600_000 });
    expect(await readFile(file, "utf8")).not.toContain("7 gpu");
  });

  it.each(["", "{", "{}", "[1, null]"])("are told where the file is damaged: %j", async (text) => {
    await writeFile(file, text);
    expect(await claimWarning(file, { key: "7 gpu", mark: 600_000 })).toBe(true);
  });
});
