import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createStreams, type Streams } from "../../src/tunnel/relay/streams.js";

/** The relay's program on this machine, without an SSH server between. */
export interface RelayProcess {
  readonly child: ChildProcess;
  readonly streams: Streams;
  /** Ends what it reads, and resolves with its exit status. */
  stop(): Promise<number | null>;
}

/** @param options account that it runs as; `python` to run it by. */
export async function startRelayProcess(
  options: { readonly python?: string; readonly uid?: number; readonly gid?: number } = {},
): Promise<RelayProcess> {
  const { python = "python3", ...account } = options;
  const program = await readFile("src/tunnel/relay/streamRelay.py", "utf8");
  const tag = "0123456789abcdef";
  const child = spawn(python, ["-I", "-S", "-c", program, tag], {
    ...account,
    stdio: ["pipe", "pipe", "pipe"],
    env: { PATH: process.env["PATH"] },
  });
  child.stdin.on("error", () => undefined);
  const streams = createStreams(
    Buffer.from(tag),
    (bytes, done) => void child.stdin.write(bytes, () => done?.()),
  );
  let complaint = "";
  child.stderr.on("data", (piece: Buffer) => (complaint += piece.toString()));
  const hello: unknown[] = await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
  if (String(hello[0]) !== `${tag} python\n`) throw new Error(`it said ${String(hello[0])} ${complaint}`);
  child.stdout.on("data", (piece: Buffer) => streams.feed(piece));
  return {
    child,
    streams,
    stop: async () => {
      const ended = once(child, "exit");
      child.stdin.end();
      return ((await ended) as [number | null])[0];
    },
  };
}
