import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import type { RemoteProcess, RemoteProcessEnd } from "../../src/ssh/model/connection.js";
import { findProgram } from "./packages.js";

/** The shells that a host's /bin/sh may be, as far as they are here. */
export const shells = [["dash"], ["bash"], ["busybox", "sh"]].filter(([program = ""]) =>
  findProgram(program),
);

/** A shell of this machine as if it ran on a host: what it starts ends with it. */
export interface LocalShell {
  readonly process: RemoteProcess;
  readonly child: ChildProcessWithoutNullStreams;
}

export function startLocalShell([program = "", ...options]: readonly string[], input: Buffer): LocalShell {
  const child = spawn(program, [...options, "-s"], { detached: true });
  child.stdin.on("error", () => undefined);
  child.stdin.write(input);
  const ended = (async (): Promise<RemoteProcessEnd> => {
    const [code, signal] = (await once(child, "close")) as [number | null, string | null];
    return { kind: "exited", code: code ?? undefined, signal: signal?.replace("SIG", "") };
  })();
  const exited = once(child, "exit").then(() => undefined);
  const kill = (): void => {
    try {
      globalThis.process.kill(-(child.pid ?? 0), "SIGTERM");
    } catch {
      // It ended by itself.
    }
    child.stdin.destroy();
  };
  const { stdin, stdout, stderr } = child;
  return { child, process: { stdin, stdout, stderr, ended, exited, kill } };
}
