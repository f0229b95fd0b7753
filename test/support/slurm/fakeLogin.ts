import { spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "../../../src/common/failure.js";
import type { Connection } from "../../../src/ssh/model/connection.js";

/** A login node on this machine whose Slurm is made of shell scripts, for what no real Slurm can be made to do. */
export interface FakeLogin {
  readonly login: Connection;
  /** Lines that the scripts have written to a file in their folder, `$FOLDER`. */
  lines(file: string): Promise<readonly string[]>;
  /** Makes an empty file there. */
  write(file: string): Promise<void>;
  /** What becomes of the next script that has run, in the held shell or in a session of its own. */
  failNext(where: "heldShell" | "exec", code: string): void;
  /** Removes such a file; without a name, all there is. */
  remove(file?: string): Promise<void>;
}

const usual: Readonly<Record<string, string>> = {
  sbatch: "echo slurm 22.05.8",
  squeue: "",
  scancel: "",
  sacct: "echo Slurm accounting storage is disabled >&2; exit 1",
  sinfo: "echo 'debug*|up|infinite|2|(null)'",
  srun: "echo --overlap",
};

/** @param commands the text of each command of Slurm. */
export async function fakeLogin(commands: Readonly<Record<string, string>>): Promise<FakeLogin> {
  const folder = await mkdtemp(join(tmpdir(), "fake-slurm-"));
  const bin = join(folder, "bin");
  await mkdir(bin);
  for (const [name, text] of Object.entries({ ...usual, ...commands })) {
    await writeFile(join(bin, name), `#!/bin/sh\n${text}\n`);
    await chmod(join(bin, name), 0o755);
  }
  const failures = new Map<string, string>();
  const run = async (where: string, words: readonly string[], input: Buffer) => {
    const env = { PATH: `${bin}:/usr/bin:/bin`, HOME: folder, FOLDER: folder, ...environment };
    const child = spawn("/bin/sh", words, { env });
    const [stdout, stderr]: Buffer[][] = [[], []];
    child.stdout.on("data", (chunk: Buffer) => stdout?.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr?.push(chunk));
    child.stdin.end(input);
    const code = await new Promise<number>((resolve) =>
      child.on("close", (status) => resolve(status ?? 255)),
    );
    const failure = failures.get(where);
    failures.delete(where);
    if (failure !== undefined) throw new Failure({ code: failure });
    return { stdout: Buffer.concat(stdout ?? []), stderr: Buffer.concat(stderr ?? []), code };
  };
  const environment: Record<string, string> = { SQUEUE_ACCOUNT: "other", SCANCEL_STATE: "PENDING" };
  const login = {
    id: "ada@login:22",
    state: "open",
    target: { host: "login" },
    heldShell: {
      run: async (text: Buffer) => {
        const { stdout, ...result } = await run("heldShell", ["-s"], text);
        return { ...result, output: stdout, truncated: false };
      },
    },
    exec: async (command: string, { stdin }: { stdin: Buffer }) => ({
      ...(await run("exec", ["-c", command], stdin)),
      truncated: false,
    }),
  } as unknown as Connection;
  return {
    login,
    lines: async (file) =>
      (await readFile(join(folder, file), "utf8").catch(() => "")).split("\n").filter(Boolean),
    write: (file) => writeFile(join(folder, file), ""),
    failNext: (where, code) => void failures.set(where, code),
    remove: (file) => rm(join(folder, file ?? ""), { recursive: true }),
  };
}
