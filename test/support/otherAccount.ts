import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { randomBytes } from "node:crypto";
import { findProgram } from "./packages.js";

/** Another account of this machine, as real as that of whoever runs the tests. */
export interface OtherAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** Starts a program as that account, in `/`. It is ended with the account. */
  start(program: string, args?: readonly string[]): ChildProcess;
  /** Ends what runs as that account, and removes it. */
  dispose(): Promise<void>;
}

/** Why none can be made here; undefined where one can. */
export const noOtherAccount: string | undefined =
  process.getuid?.() !== 0 || !findProgram("useradd")
    ? "needs root and useradd, to make a second account"
    : undefined;

export interface AccountOptions {
  /** Its home folder, which is made where it is missing. Default: none. */
  readonly home?: string;
  /** Its login shell. Default: that of the system. */
  readonly shell?: string;
}

/** It has no password, and may log in with a key. */
export function makeOtherAccount({ home, shell }: AccountOptions = {}): OtherAccount {
  const name = `other-${randomBytes(4).toString("hex")}`;
  const place = home === undefined ? ["--no-create-home", "--home-dir", "/nonexistent"] : ["-m", "-d", home];
  const loginShell = shell === undefined ? [] : ["--shell", shell];
  execFileSync("useradd", [...place, ...loginShell, "--password", "*", name], { stdio: "pipe" });
  const idOf = (option: string): number => Number(execFileSync("id", [option, name], { encoding: "utf8" }));
  const [uid, gid] = [idOf("-u"), idOf("-g")];
  const children = new Set<ChildProcess>();
  return {
    name,
    uid,
    gid,
    start: (program, args = []) => {
      const child = spawn(program, args, { uid, gid, cwd: "/", env: { PATH: "/usr/bin:/bin" } });
      children.add(child);
      child.once("exit", () => children.delete(child));
      return child;
    },
    dispose: async () => {
      for (const child of children) {
        child.kill("SIGKILL");
        await once(child, "exit");
      }
      execFileSync("userdel", [name], { stdio: "pipe" });
    },
  };
}

/** Runs a JavaScript module as that account, with its arguments in `process.argv.slice(1)`; what it prints. */
export async function runScriptAs(
  account: OtherAccount,
  script: string,
  args: readonly string[],
): Promise<string> {
  const child = account.start(process.execPath, ["--input-type=module", "-e", script, "--", ...args]);
  let said = "";
  child.stdout?.on("data", (chunk) => (said += String(chunk)));
  child.stderr?.on("data", (chunk) => (said += String(chunk)));
  await once(child, "close");
  return said;
}
