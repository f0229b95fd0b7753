import { execFileSync } from "node:child_process";
import { chmod, chown, mkdir, mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { claimOwnFolder, readOwnFile } from "../../../../src/common/files/ownFiles.js";

/** Who keeps host keys and secrets in a folder must know that nobody else writes there. */

const another = 54_321;
const isRoot = process.getuid?.() === 0;

let base: string;
let home: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "own-files-"));
  // Else nobody would come as far as what is in it.
  await chmod(base, 0o755);
  home = join(base, "home");
  await mkdir(home);
});
afterEach(() => rm(base, { recursive: true }));

async function folder(mode: number, ...names: string[]): Promise<string> {
  const path = join(base, ...names);
  await mkdir(path, { recursive: true });
  await chmod(path, mode);
  return path;
}

const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);
const refusal = (code: string, facts: object = {}) => ({ detail: { code, ...facts } });

describe.skipIf(process.platform === "win32")("a folder of ours", () => {
  it("is made for us alone", async () => {
    await claimOwnFolder(join(base, "deep", "data"), home);
    expect(await modeOf(join(base, "deep", "data"))).toBe("700");
  });

  it("that a umask of 002 or 000 left open is closed to others, with all that lies open in it", async () => {
    for (const mode of [0o775, 0o777]) {
      const data = await folder(mode, "data");
      await writeFile(join(data, "known_hosts"), "");
      await chmod(join(data, "known_hosts"), 0o666);
      await folder(0o777, "data", "sync", "deep");
      await chmod(join(data, "sync"), 0o777);
      await claimOwnFolder(data, home);
      const inIt = ["", "known_hosts", "sync", "sync/deep"].map((name) => modeOf(join(data, name)));
      expect(await Promise.all(inIt)).toEqual(["755", "644", "755", "755"]);
      await rm(data, { recursive: true });
    }
  });

  it.skipIf(!isRoot)("is refused if another account owns it or could replace it", async () => {
    const data = await folder(0o755, "data");
    await chown(data, another, another);
    const ofAnother = refusal("local-file-of-another", { file: data, owner: another });
    await expect(claimOwnFolder(data, home)).rejects.toMatchObject(ofAnother);

    const inAnothers = await folder(0o700, "data", "deep", "ours");
    await expect(claimOwnFolder(inAnothers, home)).rejects.toMatchObject(
      refusal("local-file-exposed", { file: inAnothers, folder: data, owner: another }),
    );
    const shared = await folder(0o777, "shared");
    const inShared = await folder(0o755, "shared", "data");
    await expect(claimOwnFolder(inShared, home)).rejects.toMatchObject(
      refusal("local-file-exposed", { file: inShared, folder: shared, mode: "777" }),
    );
    await chmod(base, 0o700);
    await claimOwnFolder(inShared, home);
    await chmod(base, 0o755);
    // As in /tmp: nobody removes there what is another's.
    await chmod(shared, 0o1777);
    await claimOwnFolder(inShared, home);
    // Who may write into a home folder has the account.
    await claimOwnFolder(inAnothers, inAnothers.slice(0, -"/ours".length));

    const link = join(shared, "link");
    await symlink(inShared, link);
    await claimOwnFolder(link, home);
    execFileSync("chown", ["-h", String(another), link]);
    await expect(claimOwnFolder(link, home)).rejects.toMatchObject(refusal("local-file-of-another"));
  });

  it.skipIf(!isRoot)("holds nothing of another account", async () => {
    const data = await folder(0o777, "data");
    const file = join(data, "known_hosts");
    await writeFile(file, "");
    await chown(file, another, another);
    await expect(claimOwnFolder(data, home)).rejects.toMatchObject(
      refusal("local-file-of-another", { file, owner: another }),
    );
    await chown(file, 0, 0);
    await folder(0o777, "data", "sync", "deep");
    await chmod(join(data, "sync"), 0o777);
    await chown(join(data, "sync", "deep"), another, another);
    await expect(claimOwnFolder(data, home)).rejects.toMatchObject(
      refusal("local-file-of-another", { file: join(data, "sync", "deep") }),
    );
  });

  it("holds anything of ours but pipes", async () => {
    const data = await folder(0o700, "data");
    await symlink("/dev/null", join(data, "known_hosts"));
    await symlink(join(base, "nowhere"), join(data, "sessions.json"));
    await claimOwnFolder(data, home);
    execFileSync("mkfifo", [join(data, "guard-key")]);
    await expect(claimOwnFolder(data, home)).rejects.toMatchObject(
      refusal("local-file-irregular", { file: join(data, "guard-key") }),
    );
  });

  it("is refused if it is no folder, or cannot be created", async () => {
    const file = join(base, "file");
    await writeFile(file, "");
    for (const [path, reason] of [
      [file, "EEXIST"],
      [join(file, "data"), "ENOTDIR"],
    ] as const)
      await expect(claimOwnFolder(path, home)).rejects.toMatchObject(
        refusal("data-folder-unusable", { file: path, reason }),
      );
  });
});

describe.skipIf(process.platform === "win32")("a file named by the user", () => {
  it("is read if nobody else may write to it", async () => {
    const file = join(base, "token");
    await writeFile(file, "secret");
    await chmod(file, 0o640);
    expect((await readOwnFile(file)).toString()).toBe("secret");
    await chmod(file, 0o666);
    await expect(readOwnFile(file)).rejects.toMatchObject(
      refusal("local-file-open-to-others", { file, mode: "666" }),
    );
    await expect(readOwnFile(join(base, "missing"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  it.skipIf(!isRoot)("is refused if another account owns it, or another group may write to it", async () => {
    const file = join(base, "token");
    await writeFile(file, "secret");
    await chown(file, 0, another);
    await chmod(file, 0o660);
    await expect(readOwnFile(file)).rejects.toMatchObject(refusal("local-file-open-to-others"));
    await chmod(file, 0o600);
    await chown(file, another, another);
    await expect(readOwnFile(file)).rejects.toMatchObject(refusal("local-file-of-another"));
  });

  it("is refused if it is a pipe, folder or device", async () => {
    execFileSync("mkfifo", [join(base, "pipe")]);
    await expect(readOwnFile(base)).rejects.toMatchObject({ code: "EISDIR" });
    for (const path of [join(base, "pipe"), "/dev/zero"])
      await expect(readOwnFile(path)).rejects.toMatchObject(refusal("local-file-irregular", { file: path }));
  });
});
