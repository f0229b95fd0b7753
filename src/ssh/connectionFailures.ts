import { Failure } from "../common/failure.js";
import type { SshFailure } from "./failures.js";

interface At {
  readonly host: string;
  readonly port: number;
}

/** Names what went wrong on the way to an open connection. A library's message alone is never shown. */
export function connectFailure(error: unknown, at: At): Failure<SshFailure> {
  const { code, message } = facts(error);
  return new Failure<SshFailure>(detailOf(code, message, at), { cause: error });
}

function detailOf(code: string, message: string, at: At): SshFailure {
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
  if (
    /invalid (identification|protocol)|identification string|before handshake|bad packet|exceeds/i.test(
      message,
    )
  ) {
    return { code: "not-an-ssh-server", ...at };
  }
  return { code: "connection-lost", ...at };
}

function facts(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: "", message: String(error) };
  return { code: "code" in error ? String(error.code) : "", message: error.message };
}
