import { Failure } from "../../common/failure.js";
import type { At, SshFailure } from "../model/failures.js";
import type { HostKey } from "../model/hostKeys.js";

/** What sshd sends instead of its identification string when it refuses to serve. */
const politeRefusal = /^(Exceeded MaxStartups|Not allowed at this time)/;

/** What servers say when they end the connection during authentication. */
const tooManyFailures = /too many authentication (failures|attempts)/i;

/** What ssh2 reports when a connection ends; `level` tells during what. */
export interface EndingError {
  readonly level?: string | undefined;
  readonly message: string;
}

/** What is known of a connection that ended before it was open. */
export interface Ending {
  readonly at: At;
  readonly user: string;
  readonly tried: readonly string[];
  readonly remaining: readonly string[];
  /** What `ssh` could have used and we cannot. */
  readonly skipped: readonly string[];
  /** The first bytes that came from the other side. */
  readonly greeting: string;
  /** What it told without a question. */
  readonly said: string;
  readonly silentAgent: string | undefined;
  /** Known once the other side has proved to be an SSH server. */
  readonly hostKey: HostKey | undefined;
}

/** @param error undefined where the connection closed without a word. */
export function endFailure(error: EndingError | undefined, ending: Ending): Failure {
  const { at, user, tried, remaining, skipped, greeting, said, silentAgent } = ending;
  if (error === undefined ? tried.length > 0 : error.level === "client-authentication") {
    const offered = { user, tried, remaining, skipped, silentAgent, said };
    return new Failure<SshFailure>({ code: "authentication-failed", ...offered, ...at });
  }
  if (error && tooManyFailures.test(error.message)) {
    return new Failure<SshFailure>({ code: "too-many-failures", user, tried, ...at });
  }
  if (ending.hostKey && error?.message === "Bad packet length") {
    return new Failure<SshFailure>({ code: "packet-too-long", ...at });
  }
  return connectFailure(error, at, greeting, said);
}

/**
 * Maps an error to a failure. A library's message alone is never shown.
 * @param greeting the first bytes that came from the other side.
 * @param said what it told while somebody logged in.
 */
export function connectFailure(error: unknown, at: At, greeting = "", said = ""): Failure {
  // Failures of the route (jump host, ProxyCommand) arrive through ssh2.
  if (error instanceof Failure) return error;
  const { code, message } = facts(error);
  const detail = detailOf(code, message, greeting, at);
  const more = detail.code === "disconnected" ? { ...detail, said } : detail;
  return new Failure<SshFailure>(more, { cause: error });
}

/** A server that floods us before the login. */
export function tooMuchBeforeLogin(at: At, greeting: string): Failure<SshFailure> {
  const code = greeting.startsWith("SSH-") ? "too-much-before-login" : "not-an-ssh-server";
  return new Failure<SshFailure>({ code, ...at });
}

function detailOf(code: string, message: string, greeting: string, at: At): SshFailure {
  switch (code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_NONAME":
      return { code: "host-not-found", ...at };
    case "ECONNREFUSED":
      return { code: "connection-refused", ...at };
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "ENETDOWN":
    case "EADDRNOTAVAIL":
      return { code: "network-unreachable", ...at };
    case "ETIMEDOUT":
      return { code: "connect-timed-out", seconds: 0, ...at };
  }
  const noMatch = /no matching (.*)/i.exec(message);
  if (noMatch) return { code: "no-common-algorithm", reason: noMatch[1] ?? "", ...at };
  const [refusal] = politeRefusal.exec(greeting) ?? [];
  if (refusal !== undefined) return { code: "disconnected", reason: refusal, ...at };
  const isForeign = greeting !== "" && !greeting.startsWith("SSH-");
  if (isForeign || /invalid (identification|protocol)|bad packet|exceeds/i.test(message)) {
    return { code: "not-an-ssh-server", ...at };
  }
  // A number is the reason of an SSH_MSG_DISCONNECT, whose text is the server's.
  return { code: "disconnected", reason: /^\d+$/.test(code) ? message : "", ...at };
}

function facts(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: "", message: String(error) };
  return { code: "code" in error ? String(error.code) : "", message: error.message };
}
