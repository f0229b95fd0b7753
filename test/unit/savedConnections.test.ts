import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLogger } from "../../src/common/logger.js";
import { createSavedConnections, type SavedConnection } from "../../src/savedConnections.js";

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "saved-connections-"));
  file = join(folder, "connections.json");
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const gpu: SavedConnection = { id: "1", name: "gpu", target: { host: "gpu" } };
const lab: SavedConnection = {
  id: "2",
  name: "lab",
  target: { host: "lab", user: "ada", port: 2222 },
  root: "/runs",
};

describe("saved connections", () => {
  it("are none before the first one is saved", async () => {
    expect(await createSavedConnections(file, silentLogger).list()).toEqual([]);
  });

  it("are kept, replaced and removed, in order, and everyone hears of it", async () => {
    const saved = createSavedConnections(file, silentLogger);
    let changes = 0;
    saved.onDidChange(() => (changes += 1));
    await saved.save(gpu);
    await saved.save(lab);
    await saved.save({ ...gpu, name: "renamed" });
    expect(await createSavedConnections(file, silentLogger).list()).toEqual([
      { ...gpu, name: "renamed" },
      lab,
    ]);
    await saved.remove("1");
    expect(await saved.get("1")).toBeUndefined();
    expect(await saved.get("2")).toEqual(lab);
    expect(changes).toBe(4);
  });

  it("keep entries and fields that this version cannot read", async () => {
    const strange = { id: "3", target: { port: "many" } };
    await writeFile(file, JSON.stringify([strange, { ...gpu, colour: "blue" }]));
    const saved = createSavedConnections(file, silentLogger);
    expect(await saved.list()).toEqual([{ ...gpu, colour: "blue" }]);
    await saved.save(lab);
    expect(JSON.parse(await readFile(file, "utf8"))).toEqual([strange, { ...gpu, colour: "blue" }, lab]);
  });

  it("do not overwrite a file that is damaged", async () => {
    await writeFile(file, "{");
    const saved = createSavedConnections(file, silentLogger);
    await expect(saved.save(gpu)).rejects.toThrow();
    expect(await readFile(file, "utf8")).toBe("{");
  });
});
