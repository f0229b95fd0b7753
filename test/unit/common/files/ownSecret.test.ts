import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readOwnSecret } from "../../../../src/common/files/ownSecret.js";

let folder: string;
let pipe: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "secret-"));
  pipe = join(folder, "pipe");
});
afterEach(() => rm(folder, { recursive: true }));

const irregular = { detail: { code: "local-file-irregular" } };

describe.skipIf(process.platform === "win32")("a secret file named by the user", () => {
  it("is read from a regular file", async () => {
    await writeFile(pipe, "secret", { mode: 0o600 });
    expect((await readOwnSecret(pipe)).toString()).toBe("secret");
    await chmod(pipe, 0o666);
    await expect(readOwnSecret(pipe)).rejects.toMatchObject({
      detail: { code: "local-file-open-to-others" },
    });
    await expect(readOwnSecret("/dev/null")).rejects.toMatchObject(irregular);
    await expect(readOwnSecret(join(folder, "missing"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("is read from a pipe that is written later, in chunks", async () => {
    execFileSync("mkfifo", ["-m", "600", pipe]);
    const reading = readOwnSecret(pipe);
    const writer = spawn("sh", ["-c", `{ printf sec; printf ret; } > ${pipe}`]);
    const closed = once(writer, "close");
    expect((await reading).toString()).toBe("secret");
    await closed;
  });

  it("is not read from a pipe without an end, or without a writer", async () => {
    execFileSync("mkfifo", ["-m", "600", pipe]);
    const reading = readOwnSecret(pipe);
    const writer = spawn("sh", ["-c", `exec cat /dev/zero > ${pipe}`], { stdio: "ignore" });
    const closed = once(writer, "close");
    await expect(reading).rejects.toMatchObject(irregular);
    await closed;
    await expect(readOwnSecret(pipe, 50)).rejects.toMatchObject(irregular);
  });

  it("is not read from a pipe that others may write to", async () => {
    execFileSync("mkfifo", ["-m", "622", pipe]);
    await expect(readOwnSecret(pipe)).rejects.toMatchObject({
      detail: { code: "local-file-open-to-others" },
    });
  });

  it.skipIf(process.getuid?.() !== 0)("is not read from a pipe of another account", async () => {
    execFileSync("mkfifo", ["-m", "600", pipe]);
    await chown(pipe, 4242, 4242);
    await expect(readOwnSecret(pipe)).rejects.toMatchObject({ detail: { code: "local-file-of-another" } });
  });
});
