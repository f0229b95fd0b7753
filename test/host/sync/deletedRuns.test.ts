import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRunIndex } from "../../../src/sync/runIndex/runs.js";
import { createSyncRig, type SyncRig } from "../../support/syncRig.js";

const alive = "20260101_000000_aaaaaa";

let rig: SyncRig;
beforeAll(async () => {
  rig = await createSyncRig();
});
afterAll(() => rig.dispose());

async function makeRun(folder: string, files: Readonly<Record<string, string | Buffer>>): Promise<void> {
  await mkdir(join(rig.root, folder), { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(rig.root, folder, name), content);
}

const listed = async (): Promise<Record<string, unknown>> => {
  await rig.pass("smart");
  const runs = await createRunIndex("id", rig.cache).list();
  return Object.fromEntries(runs.map((run) => [run.id, run]));
};

describe("runs that were deleted in Runicorn", () => {
  it("are told from the others, in the recycle bin and where they were", async () => {
    const [moved, marked] = ["20260101_000000_bbbbbb", "20260101_000000_cccccc"];
    const meta = (id: string): string => JSON.stringify({ id, path: "cv/a" });
    await makeRun(`runs/cv/a/${alive}`, { "meta.json": meta(alive) });
    await makeRun(`runs/.recycle/${moved}`, { "meta.json": meta(moved), ".deleted": "{}" });
    await makeRun(`runs/cv/a/${marked}`, { "meta.json": meta(marked), ".deleted": "{}" });
    expect(await listed()).toMatchObject({
      [alive]: { isDeleted: false },
      [moved]: { isDeleted: true, path: "cv/a" },
      [marked]: { isDeleted: true },
    });
  });

  it("are noticed at once", async () => {
    const index = createRunIndex("id", rig.cache);
    await index.list();
    await writeFile(join(rig.root, `runs/cv/a/${alive}/.deleted`), "{}");
    await rig.pass("smart");
    expect((await index.list()).find(({ id }) => id === alive)).toMatchObject({ isDeleted: true });
  });
});

describe("files of a run that another program wrote", () => {
  const [odd, damaged] = ["20260101_000000_dddddd", "20260101_000000_eeeeee"];

  it("are read with a byte order mark, in UTF-16 and with CR LF", async () => {
    const utf16 = Buffer.from(`\ufeff${JSON.stringify({ status: "finished" })}`, "utf16le");
    await makeRun(`runs/cv/b/${odd}`, {
      "meta.json": '\ufeff{\r\n"id": "odd",\r\n"alias": "größer"}\r\n',
      "status.json": utf16,
    });
    expect(await listed()).toMatchObject({ [odd]: { alias: "größer", status: "finished" } });
  });

  it("cost their run alone where they are damaged", async () => {
    const depth = 100_000;
    await makeRun(`runs/cv/b/${damaged}`, {
      "meta.json": '{"id": "damaged"}',
      "summary.json": "[".repeat(depth) + "]".repeat(depth),
      "status.json": "[1, 2]",
      "assets.json": '"text"',
    });
    await appendFile(join(rig.root, `runs/cv/b/${odd}/summary.json`), '[{"loss": 1}]');
    const runs = await listed();
    expect(runs).toMatchObject({ [damaged]: { status: "unknown", summary: "{}", assetsCount: 0 } });
    expect(runs).toMatchObject({ [odd]: { summary: "{}" } });
  });
});
