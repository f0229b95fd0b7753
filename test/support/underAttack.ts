import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { type Hostility, startHostileServer } from "./hostileSshServer.js";

/** What came of a task with a hostile server, and what it cost the program that did it. */
export interface AttackReport {
  readonly result?: unknown;
  readonly failure?: { readonly code: string };
  readonly milliseconds: number;
  /** What it took before it began. */
  readonly megabytesBefore: number;
  /** By how much the program's memory grew at most, by what the system counts. */
  readonly grownMegabytes: number;
  /** Milliseconds of processor time, without what the garbage collector took of it. */
  readonly longestTask: number;
}

/** Programs that do tasks (see hostileClient.ts), each in a process of its own whose memory can be told. */
export interface AttackedPrograms {
  /** @throws Error when it does not come to an end within `limit` milliseconds. */
  doTask(task: string, hostility: Hostility, limit?: number): Promise<AttackReport>;
  dispose(): Promise<void>;
}

export async function prepareAttackedPrograms(): Promise<AttackedPrograms> {
  const program = join(process.cwd(), "node_modules", `.hostile-client-${process.pid}.mjs`);
  await build({
    entryPoints: ["test/support/hostileClient.ts"],
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    packages: "external",
    loader: { ".sh": "text", ".py": "text" },
    outfile: program,
  });
  return {
    doTask: async (task, hostility, limit = 50_000) => {
      const server = await startHostileServer(hostility);
      const folder = await mkdtemp(join(tmpdir(), "attacked-"));
      const child = spawn(process.execPath, [program, task, String(server.port), folder], {
        stdio: ["ignore", "pipe", "inherit"],
        timeout: limit,
        killSignal: "SIGKILL",
      });
      let said = "";
      child.stdout.on("data", (chunk) => (said += String(chunk)));
      const [code, signal] = (await once(child, "close")) as [number | null, string | null];
      server.stop();
      await rm(folder, { recursive: true });
      if (said === "") throw new Error(`no end after ${limit} ms: ${code ?? signal}`);
      return JSON.parse(said) as AttackReport;
    },
    dispose: () => rm(program, { force: true }),
  };
}
