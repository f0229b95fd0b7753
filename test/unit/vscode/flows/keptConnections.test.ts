import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { savedIdOf } from "../../../../src/savedConnectionId.js";
import { createSavedConnections, type SavedConnection } from "../../../../src/savedConnections.js";
import { forgetConnection, keepConnection } from "../../../../src/vscode/flows/keptConnections.js";
import { silentLogger } from "../../../../src/common/logger.js";

async function forget(saved: SavedConnection): Promise<unknown> {
  const forgotten = { passwords: [] as string[], targets: [] as unknown[], entries: [] as string[] };
  await forgetConnection(saved, {
    passwords: { forget: (name) => Promise.resolve(void forgotten.passwords.push(name)) },
    connections: { forget: (target) => void forgotten.targets.push(target) },
    savedConnections: { remove: (id) => Promise.resolve(void forgotten.entries.push(id)) },
  });
  return forgotten;
}

it("removes a connection with every saved password, also from memory", async () => {
  const target = { host: "gpu" };
  const passwords = ["ada@gpu:2222", "ada@login:22"];
  expect(await forget({ id: "1", name: "gpu", target, passwords })).toEqual({
    passwords,
    targets: [target],
    entries: ["1"],
  });
});

it("forgets the password of an entry that does not name it yet, where the target says its name", async () => {
  const target = { host: "gpu", user: "ada" };
  expect(await forget({ id: "1", name: "gpu", target })).toMatchObject({ passwords: ["ada@gpu:22"] });
});

describe("an opened connection", () => {
  const target = { host: "gpu" };
  const id = savedIdOf(target);
  let folder: string;
  let saved: ReturnType<typeof createSavedConnections>;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "kept-"));
    saved = createSavedConnections(join(folder, "connections.json"), silentLogger);
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("is saved with the passwords that were used", async () => {
    expect(await keepConnection(saved, target, undefined, ["ada@gpu:22"])).toBe(true);
    expect(await saved.list()).toEqual([{ id, name: "gpu", target, passwords: ["ada@gpu:22"] }]);
  });

  it("is unchanged if nothing is new", async () => {
    await saved.save({ id, name: "Lab", target, passwords: ["ada@gpu:22"] });
    let changes = 0;
    saved.onDidChange(() => (changes += 1));
    expect(await keepConnection(saved, target, await saved.get(id), ["ada@gpu:22"])).toBe(true);
    expect(changes).toBe(0);
    expect((await saved.get(id))?.name).toBe("Lab");
  });

  it("does not come back when it was removed meanwhile", async () => {
    const before: SavedConnection = { id, name: "Lab", target };
    expect(await keepConnection(saved, target, before, ["ada@gpu:22"])).toBe(false);
    expect(await saved.list()).toEqual([]);
  });
});
