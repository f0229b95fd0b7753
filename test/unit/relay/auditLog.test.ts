import { mkdtemp, readFile, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AuditEntry, type AuditLog, createAuditLog } from "../../../src/relay/auditLog.js";

let folder: string;
let log: AuditLog;
let errors: unknown[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "audit-"));
  errors = [];
  let time = 0;
  const now = (): number => (time += 10_000);
  log = createAuditLog(join(folder, "relay", "audit.log"), (error) => errors.push(error), now);
});
afterEach(async () => {
  await log.close();
  await rm(folder, { recursive: true });
});

const entry = (id: string): AuditEntry => ({ id, host: "h", fate: "done", exitCode: 0, milliseconds: 1 });
const idsIn = async (file: string): Promise<string[]> =>
  (await readFile(file, "utf8"))
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as AuditEntry).id);

describe("the audit log", () => {
  it("has a line for each command in its order, in a file that only the user can read", async () => {
    await Promise.all(["a", "b", "c"].map((id) => log.write(entry(id))));
    expect(await idsIn(log.file)).toEqual(["a", "b", "c"]);
    expect((await stat(log.file)).mode & 0o777).toBe(0o600);
    expect(errors).toEqual([]);
  });

  it("goes on in a new file where somebody has set the old one aside, or removed it", async () => {
    await log.write(entry("a"));
    await rename(log.file, `${log.file}.mine`);
    await log.write(entry("b"));
    await rm(log.file);
    await log.write(entry("c"));
    expect(await idsIn(`${log.file}.mine`)).toEqual(["a"]);
    expect(await idsIn(log.file)).toEqual(["c"]);
  });

  it("is not looked at for each line", async () => {
    const calm = createAuditLog(
      join(folder, "calm.log"),
      (error) => errors.push(error),
      () => 5_000,
    );
    await calm.write(entry("a"));
    await rename(calm.file, `${calm.file}.mine`);
    await calm.write(entry("b"));
    expect(await idsIn(`${calm.file}.mine`)).toEqual(["a", "b"]);
    await calm.close();
  });

  it("is set aside when it has grown beyond its limit, whoever wrote that", async () => {
    await log.write(entry("a"));
    await truncate(log.file, 6 * 1024 * 1024);
    await log.write(entry("b"));
    expect(await idsIn(log.file)).toEqual(["b"]);
    expect((await stat(`${log.file}.1`)).size).toBe(6 * 1024 * 1024);
  });

  it("goes on after it was let go of, and after it could not be written", async () => {
    await log.write(entry("a"));
    await log.close();
    await log.write(entry("b"));
    expect(await idsIn(log.file)).toEqual(["a", "b"]);
    await log.close();
    await rm(join(folder, "relay"), { recursive: true });
    await writeFile(join(folder, "relay"), "");
    await log.write(entry("c"));
    expect(errors).toHaveLength(1);
    await rm(join(folder, "relay"));
    await log.write(entry("d"));
    expect(await idsIn(log.file)).toEqual(["d"]);
  });
});
