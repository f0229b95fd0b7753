import { createInterface } from "node:readline";
import type { Connection } from "../ssh/connection.js";
import { startScript } from "../ssh/script.js";
import { exitCodeOf } from "./hostSessions.js";
import identityScript from "./identity.sh";
import leaseScript from "./lease.sh";

/** What the host says of one session. */
export type RemoteStatus =
  | { readonly kind: "running" }
  /** The viewer ended by itself; `-1` where its exit status is not known. */
  | { readonly kind: "exited"; readonly exitCode: number }
  /** Nothing of it is left. */
  | { readonly kind: "gone" };

/** One held channel over which the leases of all sessions of a host are renewed. */
export interface LeaseChannel {
  /** Whether it can still be used. */
  readonly isOpen: boolean;
  /**
   * Renews the leases, or with `keep` lets the sessions run without one, and says how each session is.
   * @throws Error when the channel is lost or does not answer in time; it is closed then.
   */
  ask(verb: "renew" | "keep", ids: readonly string[]): Promise<ReadonlyMap<string, RemoteStatus>>;
  close(): void;
}

/** Milliseconds for an answer; a busy host takes its time. */
const answerLimit = 20_000;

/** @throws Failure with an `SshFailure` */
export async function openLeaseChannel(connection: Connection): Promise<LeaseChannel> {
  const process = await startScript(connection, `${identityScript}\n${leaseScript}`, []);
  const waiting = new Map<string, (answer: string | undefined) => void>();
  let isOpen = true;
  let last = 0;
  const close = (): void => {
    isOpen = false;
    process.kill();
    for (const answer of waiting.values()) answer(undefined);
  };
  process.stderr.resume();
  process.stdin.on("error", close);
  createInterface({ input: process.stdout }).on("line", (line) => {
    const [number = "", ...rest] = line.split(" ");
    waiting.get(number)?.(rest.join(" "));
  });
  void process.ended.then(close);
  return {
    get isOpen() {
      return isOpen;
    },
    ask: async (verb, ids) => {
      const number = String((last += 1));
      const answer = await new Promise<string | undefined>((resolve) => {
        const timer = setTimeout(() => resolve(undefined), answerLimit);
        waiting.set(number, (text) => {
          clearTimeout(timer);
          resolve(text);
        });
        if (isOpen) process.stdin.write(`${number} ${verb} ${ids.join(" ")}\n`);
        else waiting.get(number)?.(undefined);
      });
      waiting.delete(number);
      if (answer !== undefined) return readStatuses(answer);
      close();
      throw new Error("the lease channel does not answer");
    },
    close,
  };
}

function readStatuses(text: string): Map<string, RemoteStatus> {
  const entries = text.split(" ").map((entry): [string, RemoteStatus] => {
    const [id = "", status = ""] = entry.split("=");
    return [id, statusOf(status)];
  });
  return new Map(entries);
}

function statusOf(text: string): RemoteStatus {
  if (text === "running") return { kind: "running" };
  const exitCode = exitCodeOf(text);
  return exitCode === undefined ? { kind: "gone" } : { kind: "exited", exitCode };
}
