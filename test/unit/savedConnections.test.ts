import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLogger } from "../../src/common/logger.js";
import { createSavedConnections, requestFor, type SavedConnection } from "../../src/savedConnections.js";

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

  it("are neither written nor told of where nothing changes", async () => {
    const saved = createSavedConnections(file, silentLogger);
    const text = JSON.stringify([gpu, lab]);
    await writeFile(file, text);
    let changes = 0;
    saved.onDidChange(() => (changes += 1));
    await saved.remove("3");
    await saved.changeAll((all) => all);
    await saved.changeAll(() => []);
    await saved.changeAll(() => [{ ...gpu, id: "3" }]);
    await saved.change("1", (now) => now);
    await saved.addMissing([gpu]);
    expect(await readFile(file, "utf8")).toBe(text);
    expect(changes).toBe(0);
  });

  it("keep entries and fields that this version cannot read", async () => {
    const strange = { id: "3", target: { port: "many" } };
    const unfit = { id: "4", name: "lab", target: { host: "lab", user: "$(id)" } };
    await writeFile(file, JSON.stringify([strange, unfit, { ...gpu, colour: "blue" }]));
    const saved = createSavedConnections(file, silentLogger);
    expect(await saved.list()).toEqual([{ ...gpu, colour: "blue" }]);
    await saved.save(lab);
    const after: unknown = JSON.parse(await readFile(file, "utf8"));
    expect(after).toEqual([strange, unfit, { ...gpu, colour: "blue" }, lab]);
  });

  it("are the same objects for as long as they are not changed", async () => {
    const saved = createSavedConnections(file, silentLogger);
    await saved.save(gpu);
    await saved.save(lab);
    const [first, second] = await saved.list();
    await saved.save({ ...lab, root: "/other" });
    const after = await saved.list();
    expect(after[0]).toBe(first);
    expect(after[1]).not.toBe(second);
    expect(after[1]?.root).toBe("/other");
    await saved.remove("1");
    expect((await saved.list())[0]).toBe(after[1]);
  });

  it("are changed together, and those that are not there are not added", async () => {
    const strange = { id: "3", target: { port: "many" } };
    await writeFile(file, JSON.stringify([gpu, strange, lab]));
    const saved = createSavedConnections(file, silentLogger);
    let changes = 0;
    saved.onDidChange(() => (changes += 1));
    await saved.changeAll((all) => [...all, { ...gpu, id: "new" }].map((one) => ({ ...one, group: "g" })));
    await saved.changeAll(() => []);
    const after: unknown = JSON.parse(await readFile(file, "utf8"));
    expect(after).toEqual([{ ...gpu, group: "g" }, strange, { ...lab, group: "g" }]);
    expect(changes).toBe(1);
  });

  it("are added together where they are missing; what another window keeps meanwhile stays", async () => {
    const strange = { id: "3", target: { port: "many" } };
    await writeFile(file, JSON.stringify([strange]));
    const [here, elsewhere] = [
      createSavedConnections(file, silentLogger),
      createSavedConnections(file, silentLogger),
    ];
    let changes = 0;
    here.onDidChange(() => (changes += 1));
    const foreign = (id: string, name = "foreign"): SavedConnection => ({ ...gpu, id, name });
    const many = Array.from({ length: 2_000 }, (_, at) => foreign(`h${at}`));
    await elsewhere.save(lab);
    const start = performance.now();
    const wanted = [foreign("2"), foreign("3"), ...many, foreign("h7", "the second of one id")];
    expect(await here.addMissing(wanted)).toEqual(many);
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(changes).toBe(1);
    const after: unknown = JSON.parse(await readFile(file, "utf8"));
    expect(after).toEqual([strange, lab, ...many]);
    expect(await here.addMissing(wanted)).toEqual([]);
    expect(changes).toBe(1);
  });

  it("of one id are shown once, and none overwrites another", async () => {
    const twin = { ...gpu, name: "twin", target: { host: "twin" } };
    const strange = { id: "1", target: { port: "many" } };
    await writeFile(file, JSON.stringify([strange, gpu, twin, lab]));
    const saved = createSavedConnections(file, silentLogger);
    expect(await saved.list()).toEqual([gpu, lab]);
    await saved.changeAll((all) => all.map((one, order) => ({ ...one, order })));
    await saved.change("1", (now) => now && { ...now, name: "renamed" });
    const after: unknown = JSON.parse(await readFile(file, "utf8"));
    expect(after).toEqual([strange, { ...gpu, name: "renamed", order: 0 }, twin, { ...lab, order: 1 }]);
  });

  it("survive an invalid group or position", async () => {
    await writeFile(file, JSON.stringify([{ ...lab, group: 7, order: "first" }]));
    expect(await createSavedConnections(file, silentLogger).list()).toEqual([lab]);
  });

  it("survive invalid recent roots", async () => {
    await writeFile(
      file,
      JSON.stringify([
        { ...lab, roots: "many" },
        { ...gpu, roots: ["/a", 7] },
      ]),
    );
    const list = await createSavedConnections(file, silentLogger).list();
    expect(list.map(({ id, root, roots }) => [id, root, roots])).toEqual([
      ["2", "/runs", undefined],
      ["1", undefined, undefined],
    ]);
  });

  it("are changed in their place, also to another id", async () => {
    const saved = createSavedConnections(file, silentLogger);
    await saved.save(gpu);
    await saved.save(lab);
    const moved = { ...gpu, id: "9", target: { host: "gpu2" } };
    let seen: readonly SavedConnection[] = [];
    await saved.change("1", (_now, all) => ((seen = all), moved));
    expect(seen).toEqual([gpu, lab]);
    expect(await saved.list()).toEqual([moved, lab]);
  });

  it("do not overwrite a file that is damaged", async () => {
    await writeFile(file, "{");
    const saved = createSavedConnections(file, silentLogger);
    await expect(saved.save(gpu)).rejects.toThrow();
    expect(await readFile(file, "utf8")).toBe("{");
  });
});

describe("the connect request of a saved connection", () => {
  const { target } = gpu;

  it.each([
    [{}, { credentials: {} }],
    [{ identityFile: "~/k" }, { credentials: { identityFiles: ["~/k"] } }],
    [
      { identityFile: "~/k", authentication: "key" },
      { credentials: { identityFiles: ["~/k"], onlyGiven: true } },
    ],
    [{ identityFile: "~/k", authentication: "password" }, { credentials: { onlyGiven: true } }],
    [{ jump: "none" }, { credentials: {}, jump: [] }],
    [
      { jump: "ada@login:2222, [fe80::1]" },
      { credentials: {}, jump: [{ host: "login", user: "ada", port: 2222 }, { host: "fe80::1" }] },
    ],
  ] as const)("%j: %j", (saved, request) => {
    expect(requestFor({ target, ...saved })).toEqual({ target, ...request });
  });

  it("is refused for invalid jump hosts", () => {
    expect(() => requestFor({ target, jump: "a\nProxyCommand b" })).toThrow();
  });
});
