import { execFileSync } from "node:child_process";
import { appendFile, chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Cache } from "../../../src/sync/cache/cache.js";
import { forEntry } from "../../../src/sync/cache/entryFailure.js";
import { runPass } from "../../../src/sync/pass/pass.js";
import { createSkips, type Skipped } from "../../../src/sync/pass/skips.js";
import { createLinkSpeed } from "../../../src/sync/remote/linkSpeed.js";
import type { Syncs } from "../../../src/sync/syncs.js";
import { ordinaryShell } from "../../support/ordinaryShell.js";
import { differences } from "../../support/rsync.js";
import { createSyncRig, type SyncRig, createTestSyncs } from "../../support/syncRig.js";
import { until } from "../../support/until.js";

const run = "runs/a/20260101_000000_aaaaaa";

describe("a mirror of which one entry cannot be copied", () => {
  let rig: SyncRig;
  let syncs: Syncs;
  let id: string;
  const at = (path: string): string => join(rig.root, path);
  const here = (path: string): Promise<string> => readFile(join(syncs.folder(id), path), "utf8");
  const skipped = async (): Promise<readonly Skipped[]> => (await syncs.get(id))?.skipped ?? [];
  beforeEach(async () => {
    rig = await createSyncRig({ shell: ordinaryShell });
    syncs = createTestSyncs(rig.client.connections, join(rig.cacheFolder, "data"));
    await mkdir(at(run), { recursive: true });
    await writeFile(at(`${run}/events.jsonl`), "1\n");
  });
  afterEach(async () => {
    await syncs.close();
    await rig.dispose();
  });
  const start = async (): Promise<void> => {
    ({ id } = await syncs.start(rig.connection, { root: rig.root, mode: "mirror", interval: 0.05 }));
  };
  /** A run's metrics go on, and a new run comes. */
  const expectNews = async (): Promise<void> => {
    await appendFile(at(`${run}/events.jsonl`), "2\n");
    await mkdir(at("runs/b/20260101_000000_bbbbbb"), { recursive: true });
    await writeFile(at("runs/b/20260101_000000_bbbbbb/meta.json"), "{}");
    await until("the news are here", async () => {
      const meta = await here("runs/b/20260101_000000_bbbbbb/meta.json").catch(() => "");
      return (await here(`${run}/events.jsonl`).catch(() => "")) === "1\n2\n" && meta === "{}";
    });
  };

  it("since its path is longer than any call takes: all others come, it is told of, until it is gone", async () => {
    const part = "p".repeat(200);
    // A folder for which the path is short enough there, and too long here; and some more.
    const last = "q".repeat(4_090 - at("").length - 20 * (part.length + 1));
    const go = `cd "$1" && for i in $(seq 20); do mkdir ${part}; cd ${part}; done`;
    const more = `for i in $(seq 3); do mkdir ${part}; cd ${part}; done; echo x >x`;
    execFileSync("bash", ["-c", `${go}; mkdir ${last}; ${more}`, "-", rig.root]);
    await start();
    await until("it is told of", async () => (await skipped()).length > 0);
    expect((await skipped()).map(({ why }) => why).sort()).toEqual(["name-too-long", "path-too-long"]);
    expect((await syncs.get(id))?.state.kind).not.toBe("failed");
    await expectNews();
    execFileSync("rm", ["-r", at(part)]);
    await until("it is told of no more", async () => (await skipped()).length === 0);
    await until("equal", async () => (await differences(rig.root, syncs.folder(id))).length === 0);
  });

  it("since it may not be read: all others come, it is told of, and it comes when it may", async () => {
    await writeFile(at(`${run}/secret.txt`), "secret", { mode: 0 });
    await start();
    await until("it is told of", async () => (await skipped()).length > 0);
    expect(await skipped()).toEqual([{ path: `${run}/secret.txt`, why: "denied" }]);
    await expectNews();
    await chmod(at(`${run}/secret.txt`), 0o644);
    await until("it is here", async () => (await here(`${run}/secret.txt`).catch(() => "")) === "secret");
    await until("it is told of no more", async () => (await skipped()).length === 0);

    // The copy of what may no longer be read stays as it was, and is said to be old.
    await chmod(at(`${run}/secret.txt`), 0);
    await until("it is told of again", async () => (await skipped()).length > 0);
    expect(await here(`${run}/secret.txt`)).toBe("secret");
    await rm(at(`${run}/secret.txt`));
    await until("it is gone", async () => (await skipped()).length === 0);
  });

  it("since it is a folder that may not be listed", async () => {
    await mkdir(at("private"), { mode: 0 });
    await start();
    await until("it is told of", async () => (await skipped()).length > 0);
    expect(await skipped()).toEqual([{ path: "private", why: "denied" }]);
    await expectNews();
    await chmod(at("private"), 0o755);
    await until("it is told of no more", async () => (await skipped()).length === 0);
  });
});

describe("a file system here that takes no long names", () => {
  it("holds everything else, and what is renamed", async () => {
    const rig = await createSyncRig();
    const { remote, root } = rig;
    const cache = withShortNames(rig.cache, 143);
    // What was tried in vain is due again after a time, which this test does not wait for.
    const skips = createSkips(() => 0);
    const pass = () =>
      runPass({
        remote,
        cache,
        root,
        mode: "mirror",
        link: createLinkSpeed(),
        skips,
        signal: new AbortController().signal,
      });
    const long = "l".repeat(200);
    await mkdir(join(root, long));
    await writeFile(join(root, long, "below"), "x");
    await writeFile(join(root, `${long}.txt`), "x");
    await writeFile(join(root, `${long}.bin`), Buffer.alloc(3 << 20));
    await writeFile(join(root, "short"), "x");
    const { skipped } = await pass();
    expect([...skipped].sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: long, why: "name-too-long" },
      { path: `${long}.bin`, why: "name-too-long" },
      { path: `${long}.txt`, why: "name-too-long" },
    ]);
    const others = ["--exclude", `${long}*`, "--omit-dir-times"];
    expect(await differences(root, rig.copy, others)).toEqual([]);
    // Nothing about them changed: they are not read again at once.
    expect((await pass()).transferredBytes).toBe(0);
    await rm(join(root, long), { recursive: true });
    await rm(join(root, `${long}.bin`));
    execFileSync("mv", [join(root, `${long}.txt`), join(root, "renamed.txt")]);
    expect((await pass()).skipped).toEqual([]);
    expect(await differences(root, rig.copy)).toEqual([]);
    await rig.dispose();
  });
});

/** The cache on a file system whose names have at most so many bytes, such as eCryptfs. */
function withShortNames(cache: Cache, longest: number): Cache {
  const { files } = cache;
  const limited =
    <A extends readonly unknown[], T>(work: (path: string, ...rest: A) => Promise<T>) =>
    (path: string, ...rest: A): Promise<T> =>
      forEntry(
        path,
        () => files.pathOf(path),
        () => {
          const name = posix.basename(path);
          if (name.length > longest) throw Object.assign(new Error("ENAMETOOLONG"), { code: "ENAMETOOLONG" });
          return work(path, ...rest);
        },
      );
  return {
    ...cache,
    files: {
      ...files,
      makeFolder: limited((path) => files.makeFolder(path)),
      putWhole: limited((...args: Parameters<typeof files.putWhole>) => files.putWhole(...args)),
      putStaged: limited((...args: Parameters<typeof files.putStaged>) => files.putStaged(...args)),
      openInPlace: limited((path, start: number) => files.openInPlace(path, start)),
      setStamp: limited((...args: Parameters<typeof files.setStamp>) => files.setStamp(...args)),
    },
  };
}
