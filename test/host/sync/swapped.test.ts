import { mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSyncRig, type SyncRig, ways } from "../../support/syncRig.js";

const secret = "what is nobody's business";

describe.each(ways)("%s, a file that is asked for when its folder is a link by now", (_name, options) => {
  let rig: SyncRig;
  let outside: string;
  const at = (path: string): string => join(rig.root, path);
  const put = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  };
  beforeAll(async () => {
    rig = await createSyncRig(options);
    outside = join(rig.root, "..", "outside");
    await put(join(outside, "key"), secret);
    await put(join(outside, "b/key"), secret);
    await put(join(outside, "one/key"), secret);
  });
  afterAll(() => rig.dispose());

  /** What comes of a file, and its digest. */
  const bring = async (path: string): Promise<readonly unknown[]> => {
    const found: unknown[] = [];
    const request = { path, offset: 0, blocks: [], digest: "", grows: false };
    await rig.remote.read(rig.root, [request], (event) => {
      if (event.kind === "data") found.push(event.bytes.toString());
      if (event.kind === "failed") found.push(event.why);
    });
    const [digest] = await rig.remote.digests(rig.root, [{ path, length: 5 }]);
    return [...found, typeof digest === "object" ? "digest" : digest];
  };

  it.each([
    { path: "sub/key", swapped: "sub" },
    { path: "a/b/key", swapped: "a" },
    { path: "c/b/key", swapped: "c/b" },
    { path: "runs/one/key", swapped: "runs/one" },
    { path: "line\nbreak\n/b/key", swapped: "line\nbreak\n" },
  ])("is missing: $path", async ({ path, swapped }) => {
    await put(at(path), "harmless");
    expect(await bring(path)).toEqual(["harmless", "digest"]);
    await rename(at(swapped), join(rig.root, "..", `gone-${path.replaceAll("/", "-")}`));
    await symlink(
      path.endsWith("/b/key") && swapped.endsWith("/b") ? join(outside, "b") : outside,
      at(swapped),
    );
    expect(await bring(path)).toEqual(["missing", "missing"]);
    expect((await rig.pass()).skipped).toEqual([]);
  });

  it("comes where the link is that of the runs", async () => {
    await rename(at("runs"), join(rig.root, "..", "other-runs"));
    await symlink(outside, at("runs"));
    expect(await bring("runs/one/key")).toEqual([secret, "digest"]);
    expect(await bring("runs/key")).toEqual([secret, "digest"]);
    await rename(join(outside, "one"), join(outside, "other"));
    await symlink("other", join(outside, "one"));
    expect(await bring("runs/one/key")).toEqual(["missing", "missing"]);
  });
});
