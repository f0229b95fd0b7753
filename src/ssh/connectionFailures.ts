import { Failure } from "../common/failure.js";
import type { At, SshFailure } from "./failures.js";

/** What sshd says, in place of its name, to whom it does not want to serve. */
const politeRefusal = /^(Exceeded MaxStartups|Not allowed at this time)/;

/**
 * Names what went wrong on the way to an open connection. A library's message alone is never shown.
 * @param greeting the first bytes that came from the other side.
 */
export function connectFailure(error: unknown, at: At, greeting = ""): Failure<SshFailure> {
  // What the way to the host says of itself arrives through ssh2.
  if (error instanceof Failure) return error as Failure<SshFailure>;
  const { code, message } = facts(error);
  return new Failure<SshFailure>(detailOf(code, message, greeting, at), { cause: error });
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
