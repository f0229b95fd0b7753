import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import afterLinesScript from "../../../../src/environments/lines/afterLines.sh";
import { callAfterLines, linesFailure } from "../../../../src/environments/lines/runAfterLines.js";
import { assemble } from "../../../../src/ssh/channel/script.js";

describe.skipIf(process.platform === "win32")("lines to run before, on a host", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "after-lines-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Runs lines as a host does, which have one second. @returns standard output, and errors. */
  const run = (lines: readonly string[]): Promise<readonly [said: string, errors: string]> =>
    new Promise((resolve) => {
      const { call } = callAfterLines({ script: "main() { echo ran; }", args: [], lines, seconds: 1 });
      const child = spawn("/bin/sh", ["-s"], { env: { ...process.env, HOME: folder }, detached: true });
      let [said, errors] = ["", ""];
      child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
      child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
      child.on("close", () => resolve([said, errors]));
      child.stdin.end(assemble(afterLinesScript, call, "0123456789"));
    });

  it("that time out are killed with their child processes, even if they ignore SIGTERM", async () => {
    const note = `echo "$$" >'${join(folder, "shell")}'`;
    const ignoring = `/bin/sh -c 'trap "" TERM; echo "$$" >"${join(folder, "child")}"; sleep 30; :'`;
    const [said] = await run([note, 'trap "" TERM', ignoring]);
    expect(said).toContain(">>\n");
    expect(said).not.toContain("ran");
    for (const name of ["shell", "child"]) {
      const pid = (await readFile(join(folder, name), "utf8")).trim();
      const { stdout } = await promisify(execFile)("ps", ["-o", "pid=,stat=", "-p", pid]).catch(() => ({
        stdout: "",
      }));
      expect(stdout.replace(/.*Z.*\n/, ""), name).toBe("");
    }
  }, 15_000);

  it("are not repeated in part where the shell repeats more than is passed on", async () => {
    const [said, errors] = await run([`export TOKEN=${"s3cr3t".repeat(300)}(x`]);
    expect(said).not.toContain("ran");
    expect(errors).toContain("line 1");
    expect(errors).not.toContain("s3cr3t");
    const [, long] = await run([
      `printf '%s\\n' "$(printf 'ä%.0s' 1 2 3)" >&2; printf '%1200s\\n' x >&2; false`,
    ]);
    expect(long).toContain(": äää\n");
    expect(long).toContain("(too long to be shown)");
  });
});

describe("the failure of lines", () => {
  it("omits a truncated first line, which may be the end of a secret", () => {
    const tag = "0".repeat(24);
    const lines = [`export TOKEN='${"s3cr3t".repeat(1_000)}`];
    const stderr = Buffer.from(`s3cr3ts3cr3t\n${`${tag}: x\n`.repeat(600)}`);
    const failure = linesFailure("host", tag, lines, { output: Buffer.alloc(0), stderr });
    expect(failure.detail).toMatchObject({ output: expect.stringMatching(/^[x\n]+$/) as string });
    const whole = { output: Buffer.alloc(0), stderr: Buffer.from(`${tag} line 1\n${tag}: no such module\n`) };
    expect(linesFailure("host", tag, lines, whole).detail).toMatchObject({
      line: 1,
      output: "no such module",
    });
  });
});
