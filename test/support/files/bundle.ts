import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { basename, join } from "node:path";
import { build } from "esbuild";

const running = new Set<ChildProcess>();

/** Ends all that were started, whatever they do. */
export async function killPrograms(): Promise<void> {
  const ended = [...running].map((one) => once(one, "exit"));
  for (const one of running) one.kill("SIGKILL");
  await Promise.all(ended);
}

/** Builds a program of `test/support/files`. @returns what starts it as a process with a channel to us. */
export async function buildProgram(
  folder: string,
  name: string,
): Promise<(args: readonly string[]) => ChildProcess> {
  const outfile = join(folder, `${basename(name, ".ts")}.mjs`);
  await build({
    entryPoints: [join("test", "support", "files", name)],
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    logLevel: "warning",
    outfile,
  });
  return (args) => {
    const started = fork(outfile, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    running.add(started);
    started.once("exit", () => running.delete(started));
    return started;
  };
}

/** Tells a program to stop. @returns what it says to that, when it has ended. */
export async function stopProgram(process: ChildProcess): Promise<unknown> {
  const ended = once(process, "exit");
  const said = once(process, "message");
  process.send("stop");
  const [result] = (await said) as [unknown];
  await ended;
  return result;
}
