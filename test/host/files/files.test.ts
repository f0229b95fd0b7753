import { chmod, mkdir, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { encodeBytes } from "../../../src/common/text/bytes.js";
import { Cancelled } from "../../../src/common/failure.js";
import { createFiles } from "../../../src/files/files.js";
import type { Connection } from "../../../src/ssh/model/connection.js";
import { credentialsOf, targetOf, trusting } from "../../support/client.js";
import { it } from "../../support/hostTest.js";
import { startSshd } from "../../support/sshd.js";

const files = createFiles();
const hostile = ["a\nb", "'; touch x #", "-rf", "中文", "\udcd6\udcd0", "x".repeat(255), " ", "\u202e"];

const names = async (connection: Connection, path: string): Promise<string[]> =>
  (await files.list(connection, path)).entries.map(({ name }) => name);

describe("a listing", () => {
  it("has folders first, hidden entries, what links lead to, sizes and times", async ({
    connection,
    server,
  }) => {
    const folder = join(server.home, "mixed");
    await mkdir(join(folder, "z-folder"), { recursive: true });
    await writeFile(join(folder, ".hidden"), "12345");
    await symlink("z-folder", join(folder, "a-link"));
    await symlink("nowhere", join(folder, "dangling"));
    await utimes(join(folder, ".hidden"), 1_700_000_000, 1_700_000_000);
    const listed = await files.list(connection, "~/mixed");
    expect(listed.path).toBe(folder);
    expect(listed.entries.map(({ name, kind, size }) => [name, kind, size])).toEqual([
      ["a-link", "folder", 0],
      ["z-folder", "folder", 0],
      [".hidden", "file", 5],
      ["dangling", "other", expect.any(Number)],
    ]);
    expect(listed.entries[2]?.mtime).toBe(1_700_000_000);
  });

  it("keeps every byte of a name, and leads on into folders with such names", async ({
    connection,
    server,
  }) => {
    const folder = join(server.home, "hostile");
    await mkdir(folder);
    for (const name of hostile) await mkdir(Buffer.concat([Buffer.from(`${folder}/`), encodeBytes(name)]));
    expect((await names(connection, "~/hostile")).sort()).toEqual([...hostile].sort());
    for (const name of hostile) expect(await names(connection, `${folder}/${name}`)).toEqual([]);
  });

  it("is whole for ten thousand entries", async ({ connection, server }) => {
    const folder = join(server.home, "many");
    await mkdir(folder);
    const wanted = Array.from({ length: 10_000 }, (_, index) => `file-${String(index).padStart(5, "0")}`);
    await Promise.all(wanted.map((name) => writeFile(join(folder, name), "")));
    expect(await names(connection, folder)).toEqual(wanted);
  });

  it.for(["~", "~/", "", "."])("of %j is that of the home", async (path, { connection }) => {
    expect(await names(connection, path)).toContain("hostile");
  });

  it.for([
    ["path-missing", "/no/such/folder"],
    ["path-not-folder", "/etc/passwd"],
    ["path-missing", "~nobody-of-that-name"],
    ["path-invalid", "/a\0b"],
    ["path-invalid", `/${"x".repeat(5_000)}`],
    ["path-invalid", `/tmp/${"x".repeat(300)}`],
  ] as const)("fails with %s", async ([code, path], { connection }) => {
    await expect(files.list(connection, path)).rejects.toMatchObject({ detail: { code } });
  });

  it("can be cancelled", async ({ connection }) => {
    await expect(files.list(connection, "~", AbortSignal.abort())).rejects.toBeInstanceOf(Cancelled);
  });
});

describe("a stat", () => {
  it("distinguishes folders, files and missing paths", async ({ connection, server }) => {
    await writeFile(join(server.home, "plain"), "");
    await chmod(join(server.home, "plain"), 0);
    expect(await files.look(connection, "~")).toEqual({ path: server.home, kind: "folder" });
    expect(await files.look(connection, "~/plain")).toEqual({
      path: join(server.home, "plain"),
      kind: "file",
    });
    expect(await files.look(connection, "/no/such")).toEqual({ path: "/no/such", kind: "missing" });
  });
});

describe("without SFTP", () => {
  it("says so", async ({ client }) => {
    const bare = await startSshd({ sftp: false });
    const toBare = { target: targetOf(bare), credentials: credentialsOf(bare) };
    const other = await client.connections.connect(toBare, trusting);
    await expect(files.list(other, "~")).rejects.toMatchObject({ detail: { code: "sftp-unavailable" } });
    await other.close();
    await bare.stop();
  });
});
