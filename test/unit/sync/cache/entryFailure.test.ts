import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeFailure } from "../../../../src/messages/describeFailure.js";
import { type Cache, openCache } from "../../../../src/sync/cache/cache.js";
import { forEntry, notStoredReason } from "../../../../src/sync/cache/entryFailure.js";
import type { SyncFailure } from "../../../../src/sync/failures.js";
import { beginWriting } from "../../../support/files/copy.js";
import type { Stamp } from "../../../../src/sync/remote/remoteFiles.js";

function refusal(code: string): Error {
  return Object.assign(new Error(`${code}: refused`), { code });
}

describe("an error of the file system", () => {
  it.each([
    ["EBUSY", "in-use", "in-use"],
    ["EPERM", "not-permitted", "in-use"],
    ["EACCES", "not-permitted", "in-use"],
    ["ENAMETOOLONG", "name-too-long", "name-too-long"],
    ["EILSEQ", "name-not-allowed", "name-not-allowed"],
    ["ENOTDIR", "in-the-way", "in-the-way"],
    ["EFBIG", "too-large", "too-large"],
    ["ENOSPC", undefined, undefined],
    ["EIO", undefined, undefined],
    ["EROFS", undefined, undefined],
  ])("with %s is reported for one file as %s, on Windows as %s", (code, reason, onWindows) => {
    expect(notStoredReason(refusal(code), "linux")).toBe(reason);
    expect(notStoredReason(refusal(code), "win32")).toBe(onWindows);
  });

  it("for all files alike is rethrown", async () => {
    const full = refusal("ENOSPC");
    const work = (): Promise<never> => Promise.reject(full);
    await expect(forEntry("a", () => "/copy/a", work)).rejects.toBe(full);
  });

  it("names the local file", () => {
    const failure: SyncFailure = {
      code: "sync-entry-not-stored",
      path: "run/a.pt",
      file: "/copy/run/a.pt",
      reason: "in-use",
    };
    expect(describeFailure(failure).message).toContain("/copy/run/a.pt");
  });
});

describe("a file or folder that the copy cannot contain", () => {
  const long = "x".repeat(300);
  const stamp: Stamp = { size: 1, mtime: "1.000000000", ctime: "1.000000000", inode: "1", mode: 0o644 };
  let folder: string;
  let cache: Cache;
  let done: () => Promise<void>;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "entry-"));
    cache = await openCache(folder);
    done = await beginWriting(cache);
  });
  afterEach(async () => {
    await done();
    await rm(folder, { recursive: true });
  });

  it.each<readonly [string, () => Promise<unknown>]>([
    ["made", () => cache.files.makeFolder(long)],
    ["put into its place", () => cache.files.putWhole(`a/${long}`, [Buffer.alloc(1)], stamp)],
    ["removed", () => cache.files.remove(long, "file")],
    ["read", () => cache.files.digest(long, [[0, 1]])],
  ])("and is %s is a failure of its own", async (_how, work) => {
    const detail = { code: "sync-entry-not-stored", reason: "name-too-long" };
    await expect(work()).rejects.toMatchObject({ detail });
  });

  it("below a file here names its own path", async () => {
    await writeFile(join(folder, "files", "a"), "");
    await expect(cache.files.digest("a/b", [[0, 1]])).rejects.toMatchObject({
      detail: { path: "a/b", file: join(folder, "files", "a", "b"), reason: "in-the-way" },
    });
  });
});
