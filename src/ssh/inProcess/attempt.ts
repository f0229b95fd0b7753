import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import { Cancelled, Failure } from "../../common/failure.js";
import type { Logger } from "../../common/logger.js";
import type { Accepted, AuthenticationTrace } from "../login/authentication.js";
import { createPhaseTimer, type PhaseTimer } from "../login/phaseTimer.js";
import type { At, SshFailure } from "../model/failures.js";
import type { HostKey } from "../model/hostKeys.js";
import type { Subject } from "../model/interaction.js";
import { connectFailure, endFailure, type EndingError } from "./connectionFailures.js";

/** An open connection, and what opened it. */
export interface Opened {
  readonly client: Client;
  readonly stream: Duplex;
  readonly hostKey: HostKey;
  /** One where the server wanted one factor. */
  readonly accepted: readonly Accepted[];
}

/** What an attempt has found out so far. */
export interface Facts {
  stream: Duplex | undefined;
  hostKey: HostKey | undefined;
  /** The first bytes of the other side. */
  greeting: string;
  /** What the server told, without a question. */
  readonly said: string[];
  /** An agent that does not answer. */
  silentAgent: string | undefined;
  /** Certificates and security keys that ssh2 cannot use. */
  readonly skipped: string[];
  trace: () => AuthenticationTrace;
  accepted: () => Opened["accepted"];
}

/** One attempt to connect. A failed attempt leaves no client and no stream open. */
export interface Attempt {
  readonly client: Client;
  readonly at: At;
  readonly facts: Facts;
  readonly timer: PhaseTimer;
  /** Aborts when the attempt has settled. */
  readonly signal: AbortSignal;
  readonly opened: Promise<Opened>;
  /** @param error undefined: the server took none of what there is to log in with. */
  readonly fail: (error: unknown) => void;
}

export function createAttempt(
  client: Client,
  { user, ...at }: Subject,
  logger: Logger,
  cancelled: AbortSignal | undefined,
): Attempt {
  const ended = new AbortController();
  const facts: Facts = {
    stream: undefined,
    hostKey: undefined,
    greeting: "",
    said: [],
    silentAgent: undefined,
    skipped: [],
    trace: () => ({ tried: [], remaining: [] }),
    accepted: () => [],
  };
  const timer = createPhaseTimer((limit) => {
    const code = facts.hostKey === undefined ? "connect-timed-out" : "login-timed-out";
    const said = facts.said.join("\n");
    fail(new Failure<SshFailure>({ code, seconds: limit / 1000, said, ...at }));
  });
  const onAbort = (): void => fail(new Cancelled());
  const settle = (): void => {
    timer.stop();
    cancelled?.removeEventListener("abort", onAbort);
    ended.abort(new Cancelled());
  };
  let fail: Attempt["fail"] = () => undefined;
  const opened: Attempt["opened"] = new Promise((resolve, reject) => {
    // Settle the promise before closing: closing fires events of its own, which must be no-ops.
    fail = (error) => {
      if (ended.signal.aborted) return;
      reject(reasonOf(error));
      settle();
      client.destroy();
      facts.stream?.destroy();
    };
    const failedBy = (error: EndingError | undefined): Failure =>
      endFailure(error, { user, at, ...facts.trace(), ...facts, said: facts.said.join("\n") });
    const reasonOf = (error: unknown): Error => {
      if (error instanceof Failure || error instanceof Cancelled) return error;
      if (error === undefined) return failedBy({ level: "client-authentication", message: "" });
      return connectFailure(error, at, facts.greeting);
    };
    // Stays attached: ssh2 may report the same error twice.
    client.on("error", (error) => {
      if (error.level === "agent") return;
      if (ended.signal.aborted) logger.debug(`${at.host}: ${error.message}`);
      else fail(failedBy(error));
    });
    const onClose = (): void => fail(failedBy(undefined));
    client.on("close", onClose);
    client.on("ready", () => {
      const { stream, hostKey, accepted } = facts;
      resolve({ client, stream: stream as Duplex, hostKey: hostKey as HostKey, accepted: accepted() });
      client.off("close", onClose);
      settle();
    });
  });
  if (cancelled?.aborted) onAbort();
  cancelled?.addEventListener("abort", onAbort, { once: true });
  return { client, at, facts, timer, signal: ended.signal, opened, fail: (error) => fail(error) };
}
