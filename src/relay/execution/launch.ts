import type { Connection } from "../../ssh/model/connection.js";
import type { Collector } from "./output.js";

/** How a command ended. */
export type CommandEnd =
  | { readonly kind: "exited"; readonly code: number | undefined; readonly signal: string | undefined }
  | { readonly kind: "timed-out"; readonly milliseconds: number }
  /** `signal` of the options was aborted. */
  | { readonly kind: "cancelled" }
  | { readonly kind: "lost" }
  /** The connection is there; what ran it on the host is not. */
  | { readonly kind: "runner-ended" };

/** What a command has printed. */
export interface Printed {
  readonly stdout: Collector;
  readonly stderr: Collector;
}

/** A command that runs. */
export interface Running {
  /** Never rejects. */
  readonly ended: Promise<CommandEnd>;
  /** Ends it with all that it started; resolves when it is gone, or does not go. */
  end(): Promise<void>;
}

/** One way to run a command. */
export interface Launch extends Printed {
  /** Whether the command may have been sent completely, so that it may run. */
  isSent(): boolean;
  /**
   * Resolves when the command runs.
   * @throws RunnerUnavailable, Cancelled, what `begin` throws, or Failure with an `SshFailure`.
   */
  start(): Promise<Running>;
}

export interface LaunchOptions {
  readonly command: string;
  /** Bytes kept of each stream. */
  readonly outputLimit: number;
  /** Called when a session is asked for, once more where it is refused; is waited for before anything is sent. */
  readonly begin: () => Promise<void>;
}

/** The runner did not start the command and never will: run it in a session of its own. */
export class RunnerUnavailable extends Error {}

/** Milliseconds in which a command that is asked to end (TERM, and KILL two seconds later) is expected to be gone. */
export const endGrace = 4_000;
/** Milliseconds for what a command left behind, and for the channel to close. */
export const leftoverGrace = 2_000;

/** Kills these process groups in a session of its own. @param groups their numbers, as the host told them. */
export async function killGroups(connection: Connection, groups: readonly string[]): Promise<void> {
  const known = groups.filter((group) => /^\d+$/.test(group) && Number(group) > 1);
  if (known.length === 0) return;
  const command = `kill -s KILL -- ${known.map((group) => `-${group}`).join(" ")}`;
  await connection.exec(command, { timeout: leftoverGrace }).catch(() => undefined);
}
