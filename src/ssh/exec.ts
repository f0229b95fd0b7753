import type { Client, ClientChannel } from "ssh2";
import { Cancelled, Failure } from "../common/failure.js";
import type { ExecOptions, ExecResult } from "./connection.js";
import type { SshFailure } from "./failures.js";

/** Bytes of each stream kept by default. */
const defaultOutputLimit = 16 * 1024 * 1024;

/** Keeps the first `limit` bytes and says whether there were more. */
function collect(limit: number) {
  const chunks: Buffer[] = [];
  let kept = 0;
  let truncated = false;
  return {
    add(chunk: Buffer): void {
      const room = limit - kept;
      if (chunk.length > room) truncated = true;
      if (room <= 0) return;
      chunks.push(chunk.subarray(0, room));
      kept += Math.min(chunk.length, room);
    },
    bytes: (): Buffer => Buffer.concat(chunks),
    isTruncated: (): boolean => truncated,
  };
}

/**
 * Runs one command on a channel of its own.
 * @param lost tells the failure when the channel goes because the connection did.
 */
export function execOn(
  client: Client,
  command: string,
  options: ExecOptions,
  host: string,
  lost: () => Failure<SshFailure> | undefined,
): Promise<ExecResult> {
  const { signal, timeout, stdin, onStdout } = options;
  return new Promise((resolve, reject) => {
    let channel: ClientChannel | undefined;
    let timer: NodeJS.Timeout | undefined;
    const finish = (act: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      act();
    };
    const stopWith = (error: Error): void => {
      finish(() => reject(error));
      // A signal for servers that honour it; closing makes the command's streams end in any case.
      channel?.signal("TERM");
      channel?.close();
    };
    const onAbort = (): void => stopWith(new Cancelled());
    if (signal?.aborted) {
      reject(new Cancelled());
      return;
    }
    signal?.addEventListener("abort", onAbort, { once: true });
    if (timeout !== undefined) {
      const seconds = timeout / 1000;
      timer = setTimeout(
        () => stopWith(new Failure<SshFailure>({ code: "exec-timed-out", host, seconds })),
        timeout,
      );
    }

    const refused = (error: Error): void => {
      const failure = new Failure<SshFailure>({ code: "channel-refused", host, reason: error.message });
      finish(() => reject(lost() ?? failure));
    };
    const onOpened = (opened: ClientChannel): void => {
      channel = opened;
      const stdout = collect(options.outputLimit ?? defaultOutputLimit);
      const stderr = collect(options.outputLimit ?? defaultOutputLimit);
      let ending: { code: number | undefined; signal: string | undefined } | undefined;
      opened.on("data", (chunk: Buffer) => {
        stdout.add(chunk);
        onStdout?.(chunk);
      });
      opened.stderr.on("data", (chunk: Buffer) => stderr.add(chunk));
      opened.on("exit", (code: number | null, name?: string) => {
        ending = { code: code ?? undefined, signal: name?.replace(/^SIG/, "") };
      });
      opened.on("error", () => undefined);
      opened.on("close", () => {
        const truncated = stdout.isTruncated() || stderr.isTruncated();
        const failure = ending === undefined ? lost() : undefined;
        finish(() => {
          if (failure) reject(failure);
          else {
            const { code, signal: name } = ending ?? { code: undefined, signal: undefined };
            resolve({ stdout: stdout.bytes(), stderr: stderr.bytes(), code, signal: name, truncated });
          }
        });
      });
      if (signal?.aborted) opened.close();
      else opened.end(stdin);
    };
    try {
      client.exec(command, (error, opened) => (error ? refused(error) : onOpened(opened)));
    } catch (error) {
      // ssh2 throws when its socket is already going.
      refused(error as Error);
    }
  });
}
