import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findProgram, windowsShell, windowsSystemFolder } from "../../../../src/ssh/config/findProgram.js";

/** A machine on which programs lie at these paths, and at every relative one. */
function machine(
  platform: NodeJS.Platform,
  environment: NodeJS.ProcessEnv,
  ...programs: readonly string[]
): Parameters<typeof findProgram>[2] {
  const isAbsolute = platform === "win32" ? /^([A-Za-z]:|\\)\\/ : /^\//;
  return { platform, environment, isProgram: (path) => programs.includes(path) || !isAbsolute.test(path) };
}

describe("a program of Windows", () => {
  const system = "C:\\Windows\\System32\\OpenSSH";
  const ssh = (environment: NodeJS.ProcessEnv, ...programs: readonly string[]): string =>
    findProgram("ssh", system, machine("win32", environment, ...programs));

  it("is the first in PATH, whatever the case of that word", () => {
    const path = "C:\\none;C:\\Program Files\\Git\\usr\\bin;D:\\b";
    const wanted = "C:\\Program Files\\Git\\usr\\bin\\ssh.exe";
    for (const name of ["PATH", "Path", "path"]) {
      expect(ssh({ [name]: path }, wanted, "D:\\b\\ssh.exe", `${system}\\ssh.exe`)).toBe(wanted);
    }
  });

  it("is never one of the current folder, drive or of a relative entry", () => {
    const path = ';.;..;bin;C:;C:bin;\\tools;"";"C:\\quoted;bin"';
    const lies = ["\\tools\\ssh.exe", "ssh.exe", ".\\ssh.exe", "C:ssh.exe", "C:bin\\ssh.exe"];
    expect(ssh({ Path: path }, ...lies)).toBe(`${system}\\ssh.exe`);
    expect(ssh({}, ...lies)).toBe(`${system}\\ssh.exe`);
  });

  it("may lie in a folder that is quoted, or on a server", () => {
    expect(ssh({ Path: '"C:\\a b"' }, "C:\\a b\\ssh.exe")).toBe("C:\\a b\\ssh.exe");
    expect(ssh({ Path: "\\\\server\\share" }, "\\\\server\\share\\ssh.exe")).toBe(
      "\\\\server\\share\\ssh.exe",
    );
  });

  it("is looked for last where the system has it", () => {
    expect(windowsSystemFolder({ systemroot: "D:\\Win" })).toBe("D:\\Win\\System32");
    expect(windowsSystemFolder({})).toBe("C:\\Windows\\System32");
    expect(windowsSystemFolder({ SystemRoot: "Windows" })).toBe("C:\\Windows\\System32");
  });

  it("interprets commands: ComSpec, or the system's own", () => {
    expect(windowsShell({ COMSPEC: "E:\\cmd.exe" })).toBe("E:\\cmd.exe");
    expect(windowsShell({ ComSpec: "cmd.exe", SystemRoot: "D:\\Win" })).toBe("D:\\Win\\System32\\cmd.exe");
    expect(windowsShell({})).toBe("C:\\Windows\\System32\\cmd.exe");
  });
});

describe("a program of POSIX", () => {
  const ssh = (path: string | undefined, ...programs: readonly string[]): string =>
    findProgram("ssh", "/usr/bin", machine("linux", { PATH: path }, ...programs));

  it("is the first in PATH", () => {
    expect(ssh("/none:/opt/bin:/usr/bin", "/opt/bin/ssh", "/usr/bin/ssh")).toBe("/opt/bin/ssh");
  });

  it("is never one of the current folder or of a relative entry", () => {
    for (const path of [
      ":/usr/bin",
      "/none:",
      "/none::/usr/bin",
      ".:/usr/bin",
      "bin:./x:~/bin",
      "",
      undefined,
    ]) {
      expect(ssh(path, "/usr/bin/ssh")).toBe("/usr/bin/ssh");
    }
  });

  it.skipIf(process.platform === "win32")("is a file that may be started", async () => {
    const folder = await mkdtemp(join(tmpdir(), "path-"));
    const paths = ["folder", "plain", "program"].map((name) => join(folder, name));
    for (const path of paths) await mkdir(path);
    await mkdir(join(folder, "folder", "tool"));
    for (const path of paths.slice(1)) await writeFile(join(path, "tool"), "#!/bin/sh\n");
    await chmod(join(folder, "program", "tool"), 0o755);
    const environment = { PATH: paths.join(":") };
    expect(findProgram("tool", "/usr/bin", { platform: "linux", environment })).toBe(
      join(folder, "program", "tool"),
    );
    await rm(folder, { recursive: true });
  });
});
