import { link, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Cache, openCache } from "../../../../src/sync/cache/cache.js";
import { createRunIndex, type Run } from "../../../../src/sync/runIndex/runs.js";
import { bytesInUse } from "../../../support/bytesInUse.js";

let folder: string;
let cache: Cache;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "runs-"));
  cache = await openCache(folder);
});
afterEach(() => rm(folder, { recursive: true }));

/** Notes a file that is in the copy. */
function note(path: string, size: number): void {
  const stamp = {
    size,
    mtime: "1700000000.000000000",
    ctime: "1700000000.000000000",
    inode: "7",
    mode: 0o644,
  };
  cache.manifest.set({ path, kind: "file", seen: stamp, held: stamp, verified: true });
}

/** As many runs, each with these files. */
async function makeRuns(count: number, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const one = join(folder, name);
    await writeFile(one, text);
    for (let index = 0; index < count; index += 1) {
      const run = `runs/p/${index}`;
      await mkdir(join(folder, "files", run), { recursive: true });
      await link(one, join(folder, "files", run, name));
      note(`${run}/${name}`, text.length);
    }
  }
}

const summaryOf = (run: Run | undefined): unknown => JSON.parse(run?.summary ?? "");

describe("what is kept of runs", () => {
  it("is what their small files tell", async () => {
    const summary = { note: "é\ud800", loss: 0.5, deep: { list: [1, null, "x"] }, best_metric_name: "loss" };
    await makeRuns(1, {
      "meta.json": JSON.stringify({ id: "a", path: "p/q", alias: "al", tags: ["x", 1, "y"] }),
      "status.json": '{"status": "finished"}',
      "summary.json": JSON.stringify({ ...summary, best_metric_value: 0.5 }),
    });
    const [run] = await createRunIndex("id", cache).list();
    expect(run).toMatchObject({ id: "0", path: "p/q", alias: "al", tags: ["x", "y"], isShortened: false });
    expect(run).toMatchObject({ status: "finished", bestMetric: { name: "loss", value: 0.5 } });
    expect(summaryOf(run)).toEqual({ ...summary, best_metric_value: 0.5 });
  });

  it("has the name of its folder for its id, whatever its files say: Runicorn finds it by that", async () => {
    await makeRuns(2, { "meta.json": JSON.stringify({ id: "0", alias: "al" }) });
    const runs = await createRunIndex("id", cache).list();
    expect(runs.map(({ id }) => id).sort()).toEqual(["0", "1"]);
  });

  it("is the beginning of a text, and a summary without what is too long", async () => {
    const long = "x".repeat(900_000);
    await makeRuns(1, {
      "meta.json": JSON.stringify({
        id: "a",
        alias: long,
        tags: [long, "tag", ...Array<string>(5_000).fill("z")],
      }),
      "summary.json": JSON.stringify({ loss: 1, long, last: 2 }),
    });
    const [run] = await createRunIndex("id", cache).list();
    expect(run).toMatchObject({ isShortened: true, alias: "x".repeat(1_000) });
    expect(summaryOf(run)).toEqual({ loss: 1, last: 2 });
    expect(JSON.stringify(run).length).toBeLessThan(5_000);
  });

  it.each([
    ["a text", { alias: "x".repeat(1_001) }],
    ["tags", { tags: ["x".repeat(600), "y".repeat(600)] }],
  ])("says so where %s alone is shortened", async (_what, meta) => {
    await makeRuns(1, { "meta.json": JSON.stringify(meta) });
    const [run] = await createRunIndex("id", cache).list();
    expect(run?.isShortened).toBe(true);
  });

  it("fits into memory, however much the runs tell", async () => {
    const texts = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [`n${index}`, "y".repeat(1_000)]),
    );
    const long = "x".repeat(200_000);
    await makeRuns(300, {
      "meta.json": JSON.stringify({ alias: long, name: long, project: long, tags: [long] }),
      "status.json": JSON.stringify({ status: long }),
      "summary.json": JSON.stringify({ long, ...texts, best_metric_name: long, best_metric_value: 1 }),
    });
    const before = await bytesInUse();
    const index = createRunIndex("id", cache);
    const runs = await index.list();
    const grown = ((await bytesInUse()) - before) / 2 ** 20;
    expect(runs).toHaveLength(300);
    expect(runs.every(({ isShortened }) => isShortened)).toBe(true);
    expect(JSON.stringify(runs).length).toBeLessThan(20 * 2 ** 20);
    expect(grown).toBeLessThan(30);
    // Who comes first has the room, and goes on to have it.
    expect(Object.keys(summaryOf(runs.find(({ folder: one }) => one === "runs/p/0")) as object)).toHaveLength(
      61,
    );
    note("runs/p/0/summary.json", 300_001);
    expect(await index.list()).toEqual(runs);
  }, 60_000);
});
