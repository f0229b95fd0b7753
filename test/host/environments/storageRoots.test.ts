import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRoots } from "../../../src/environments/storageRoots.js";
import script from "../../../src/environments/storageRoots.sh";
import { quoteForShell } from "../../../src/common/text/quote.js";
import { ensureProgram } from "../../support/packages.js";

/** The search for storage roots under every shell that a host may have as /bin/sh. */

const run = promisify(execFile);
let home: string;

async function makeRun(...parts: string[]): Promise<void> {
  const folder = join(home, ...parts);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "meta.json"), "{}");
}

async function search(shell: readonly string[], ...args: string[]) {
  const [program = "", ...first] = shell;
  const call = args.map(quoteForShell).join(" ");
  const { stdout } = await run(program, [...first, "-c", `${script}\nmain ${call}`], {
    env: { PATH: process.env["PATH"], HOME: home },
    encoding: "buffer",
    maxBuffer: 10_000_000,
  });
  return readRoots(stdout);
}

beforeAll(async () => {
  ensureProgram("busybox", "busybox");
  home = await mkdtemp(join(tmpdir(), "roots-"));
  await makeRun("it's a\nroot", "runs", "x", "r1");
  await makeRun("it's a\nroot", "runs", "x", "r2");
  await makeRun("runs", "runs", "r");
  await mkdir(join(home, "runicorn_data", "runs"), { recursive: true });
  await mkdir(join(home, "empty", "runs"), { recursive: true });
  await mkdir(join(home, "project", "index"), { recursive: true });
  await makeRun("bin", "runs", ".recycle", "gone");
  await makeRun("old", "runs", "deleted");
  await writeFile(join(home, "old", "runs", "deleted", ".deleted"), "");
  await symlink(".", join(home, "circle"));
});
afterAll(() => rm(home, { recursive: true, force: true }));

describe.each([["dash"], ["bash"], ["busybox", "sh"]])("under %s", (...shell) => {
  it("finds roots with their runs, whatever they are called", async () => {
    const root = (name: string, runs: number) => ({
      path: join(home, name),
      runs,
      hasArchive: false,
      hasIndex: false,
    });
    expect(await search(shell, "", "2")).toEqual({
      kind: "searched",
      roots: [root("it's a\nroot", 2), root("runs", 1), root("runicorn_data", 0)],
      complete: true,
    });
  });

  it("reports a missing start folder, and still checks the given folders", async () => {
    expect(await search(shell, "/no/such", "1")).toEqual({ kind: "missing" });
    expect(await search(shell, "/etc/passwd", "1")).toEqual({ kind: "not-folder" });
    expect(await search(shell, "~/old", "1", join(home, "runs"))).toMatchObject({
      roots: [{ path: join(home, "runs"), runs: 1 }],
    });
  });

  it("reports an incomplete search", async () => {
    const crowded = join(home, "crowded");
    await mkdir(crowded);
    await Promise.all(Array.from({ length: 2_100 }, (_, index) => mkdir(join(crowded, String(index)))));
    expect(await search(shell, "", "2")).toMatchObject({ complete: false });
    await rm(crowded, { recursive: true });
  });
});
