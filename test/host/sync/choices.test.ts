import { access, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect } from "vitest";
import type { Connection } from "../../../src/ssh/model/connection.js";
import type { Syncs } from "../../../src/sync/syncs.js";
import type { TestClient } from "../../support/client.js";
import { it } from "../../support/hostTest.js";
import type { Sshd } from "../../support/sshd.js";
import { createTestSyncs } from "../../support/syncRig.js";
import { until } from "../../support/until.js";

/* What a person chooses for a mirror. The tests of one root build on one another. */

let sshd: Sshd;
let client: TestClient;
let connection: Connection;
let syncs: Syncs;

const openSyncs = (): Syncs => createTestSyncs(client.connections, client.home);
it.beforeAll(({ server, client: person, connection: ours, syncs: copies }) => {
  [sshd, client, connection, syncs] = [server, person, ours, copies];
});

const weights = "weights.pt";

/** A root with these runs, each with some weights. */
async function makeRoot(name: string, ...runs: readonly string[]): Promise<string> {
  const root = join(sshd.home, name);
  for (const id of runs) {
    const folder = join(root, "runs", "vision", id);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "meta.json"), JSON.stringify({ id, path: "vision" }));
    await writeFile(join(folder, "status.json"), JSON.stringify({ status: "finished" }));
    await writeFile(join(folder, "logs.txt"), `log of ${id}\n`);
    await writeFile(join(folder, weights), Buffer.alloc(1_000, id));
  }
  return root;
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
const waiting = (id: string): Promise<void> =>
  until("the root is as the host", async () => (await syncs.get(id))?.state.kind === "waiting");
const namesOf = async (runs: Promise<readonly { readonly id: string }[]>): Promise<string[]> =>
  (await runs).map(({ id }) => id).sort();

describe("a mirror that keeps and excludes", () => {
  let root: string;
  let id: string;
  const here = (run: string, name: string): string => join(syncs.folder(id), "runs/vision", run, name);
  beforeAll(async () => {
    root = await makeRoot("choosing", "one", "two");
  });

  it("is surveyed before: nothing is fetched, and a change of mind leaves nothing behind", async () => {
    const survey = await syncs.survey(connection, root);
    ({ id } = survey.sync);
    const all = await survey.sizes({ mode: "mirror", keepGone: false, exclude: [] });
    expect(all.wanted).toEqual(all.missing);
    expect(all.wanted.files).toBe(8);
    const without = await survey.sizes({ mode: "mirror", keepGone: false, exclude: ["*.pt"] });
    expect(without).toMatchObject({ missing: { files: 6 }, excluded: { files: 2, bytes: 2_000 } });
    expect(all.wanted.bytes - without.wanted.bytes).toBe(2_000);
    expect(await readdir(syncs.folder(id))).toEqual([]);
    await survey.dispose();
    expect(await syncs.list()).toEqual([]);
    expect(await isThere(join(syncs.folder(id), ".."))).toBe(false);
  });

  it("is surveyed without harm to a copy that another window has begun meanwhile", async () => {
    const other = await makeRoot("begun meanwhile", "one");
    const survey = await syncs.survey(connection, other);
    const window = openSyncs();
    const begun = await window.start(connection, { root: other, mode: "mirror", wanted: true });
    await until("it is copied", async () => (await window.get(begun.id))?.state.kind === "waiting");
    await survey.dispose();
    expect(await isThere(join(window.folder(begun.id), "runs/vision/one/logs.txt"))).toBe(true);
    await window.stop(begun.id);
    await window.forget(begun.id);
    await window.close();
  });

  it("is neither surveyed nor started where its record cannot be read, and keeps what is there", async () => {
    const other = await makeRoot("unreadable", "one");
    const copy = await syncs.start(connection, { root: other, mode: "mirror" });
    await until("it is copied", async () => (await syncs.get(copy.id))?.state.kind === "waiting");
    await syncs.stop(copy.id);
    const record = join(syncs.folder(copy.id), "..", "sync.json");
    await writeFile(record, "{}");
    const window = openSyncs();
    const unreadable = { detail: { code: "sync-record-unreadable" } };
    await expect(window.survey(connection, other)).rejects.toMatchObject(unreadable);
    await expect(window.start(connection, { root: other, mode: "mirror" })).rejects.toMatchObject(unreadable);
    expect(await readFile(record, "utf8")).toBe("{}");
    const file = join(syncs.folder(copy.id), "runs/vision/one/logs.txt");
    expect(await isThere(file)).toBe(true);
    // Without a record it is begun anew with what is there, also where that fails.
    await rm(record);
    await rename(other, `${other} aside`);
    await expect(window.start(connection, { root: other, mode: "mirror" })).rejects.toThrow();
    expect(await isThere(file)).toBe(true);
    await window.close();
    await syncs.forget(copy.id);
  });

  it("copies everything but what is excluded", async () => {
    const survey = await syncs.survey(connection, root);
    await syncs.start(connection, { root, mode: "mirror", keepGone: true, exclude: ["*.pt"] });
    await survey.dispose();
    await waiting(id);
    expect(await readFile(here("one", "logs.txt"), "utf8")).toBe("log of one\n");
    expect(await isThere(here("one", weights))).toBe(false);
    expect(await namesOf(syncs.runs(id))).toEqual(["one", "two"]);
  });

  it("keeps what is deleted on the host, and tells it from the rest", async () => {
    await rm(join(root, "runs/vision/one"), { recursive: true });
    await rm(join(root, "runs/vision/two/logs.txt"));
    await syncs.syncNow(id);
    expect(await namesOf(syncs.runs(id))).toEqual(["two"]);
    expect(await namesOf(syncs.keptRuns(id))).toEqual(["one"]);
    expect(await syncs.deletedRuns(id)).toEqual([]);
    expect((await syncs.get(id))?.state.kind).toBe("waiting");
    for (const run of ["one", "two"]) {
      const path = `runs/vision/${run}/logs.txt`;
      const { path: file, fresh } = await syncs.fetch(id, path);
      expect([await readFile(file, "utf8"), fresh]).toEqual([`log of ${run}\n`, false]);
      expect((await syncs.entries(id)).get(path)).toMatchObject({ seen: undefined, held: { size: 11 } });
    }
  });

  it("forgets what is deleted on the host and removed here too", async () => {
    await rm(here("two", "logs.txt"));
    await syncs.syncNow(id);
    expect((await syncs.entries(id)).get("runs/vision/two/logs.txt")).toBeUndefined();
  });

  it("copies what is excluded no longer, and leaves what is excluded later", async () => {
    const request = { root, mode: "mirror" } as const;
    await syncs.start(connection, { ...request, exclude: [] });
    await until("the weights are here", () => isThere(here("two", weights)));
    await waiting(id);
    await syncs.start(connection, { ...request, exclude: ["weights.*"] });
    await writeFile(join(root, "runs/vision/two", weights), "new");
    await syncs.syncNow(id);
    expect((await readFile(here("two", weights))).length).toBe(1_000);
    await rm(join(root, "runs/vision/two", weights));
    await syncs.start(connection, { ...request, keepGone: true });
    await syncs.syncNow(id);
    expect(await isThere(here("two", weights))).toBe(true);
  });

  it("is as it was chosen in the next program", async () => {
    await syncs.close();
    syncs = openSyncs();
    expect(await syncs.get(id)).toMatchObject({ keepGone: true, exclude: ["weights.*"] });
    expect(await namesOf(syncs.keptRuns(id))).toEqual(["one"]);
    await syncs.start(connection, { root, mode: "mirror" });
    await waiting(id);
    expect(await syncs.get(id)).toMatchObject({ keepGone: true, exclude: ["weights.*"] });
    expect(await isThere(here("one", "logs.txt"))).toBe(true);
  });

  it("removes deleted files once they are no longer to be kept", async () => {
    await syncs.start(connection, { root, mode: "mirror", keepGone: false });
    // Most of it is gone: a person confirms that.
    await syncs.syncNow(id);
    await until("what was kept is gone", async () => !(await isThere(here("one", "logs.txt"))));
    expect(await syncs.keptRuns(id)).toEqual([]);
    expect(await isThere(here("two", weights))).toBe(true);
  });
});

it("a copy that was removed is made whole again while another mirror keeps the helper", async () => {
  const [other, root] = [await makeRoot("other", "a"), await makeRoot("again", "b")];
  const kept = await syncs.start(connection, { root: other, mode: "mirror" });
  const { id } = await syncs.start(connection, { root, mode: "mirror" });
  await Promise.all([waiting(kept.id), waiting(id)]);
  await syncs.forget(id);
  await syncs.start(connection, { root, mode: "mirror" });
  await waiting(id);
  expect(await namesOf(syncs.runs(id))).toEqual(["b"]);
  expect(await readFile(join(syncs.folder(id), "runs/vision/b/logs.txt"), "utf8")).toBe("log of b\n");
});

it("a copy that another window has removed, started again beside another mirror, is made whole", async () => {
  const beside = await syncs.start(connection, { root: await makeRoot("beside", "a"), mode: "mirror" });
  const root = await makeRoot("removed elsewhere", "one");
  const { id } = await syncs.start(connection, { root, mode: "mirror" });
  const file = join(syncs.folder(id), "runs/vision/one/logs.txt");
  await until("it is copied", () => isThere(file));
  await waiting(id);
  const window = openSyncs();
  await window.forget(id);
  await syncs.start(connection, { root, mode: "mirror" });
  await until("it is copied again", () => isThere(file));
  await window.close();
  await syncs.stop(id);
  await syncs.stop(beside.id);
});
