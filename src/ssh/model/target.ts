import { Failure } from "../../common/failure.js";
import { bracketed } from "../../common/text/hostPort.js";
import type { SshFailure } from "./failures.js";

/** Where a person wants to go, as they wrote it: a host name, an address or a `Host` alias of `~/.ssh/config`. */
export interface Target {
  readonly host: string;
  /** Wins over the configuration when given. */
  readonly user?: string | undefined;
  /** 1..65535. Wins over the configuration when given. */
  readonly port?: number | undefined;
}

/** Characters at most in a host name: DNS allows 253, aliases may be anything sensible. */
const longestHost = 255;

/**
 * Characters that nobody sees: controls, formats, what is for private use, and what may become a format. They are spelled
 * out, since many who read an expression know no `\p{C}`.
 */
const unseen =
  "\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u180e\\u200b-\\u200f\\u202a-\\u202e" +
  "\\u2060-\\u206f\\ufeff\\ufff0-\\ufffb";
/** The rest of them, apart: there are so many that generators of names take long over them. Those beyond `\uffff` stand as they are. */
const unseenElsewhere =
  "[\\ue000-\\uf8ff\u{110bd}\u{110cd}\u{13430}-\u{1343f}\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{10ffff}]";

/** What one character of a name may be, as a regular expression with the flag `u`. */
export const nameCharacters = {
  host: `[^\\s${unseen}/@,\\[\\]"'\`\\\\$;|&<>(){}*?!#]`,
  /**
   * As OpenSSH since 9.6 (valid_ruser in ssh.c): `DOM\ada`, `BOX$` and spaces pass. A ProxyCommand may hand the name to a
   * shell, so nothing passes that runs a command there or, with {@link unusableNames}, begins an option.
   */
  user: `[^${unseen}"'\`;|&<>(){}]`,
} as const;
/** What no name may match. */
export const unusableNames = {
  host: new RegExp(`^-|${unseenElsewhere}`, "u"),
  user: new RegExp(`^-|\\s-|\\\\$|${unseenElsewhere}`, "u"),
} as const;

/**
 * Reads `[user@]host[:port]`, `[user@][v6]:port` and `ssh://` URLs. A user name may itself hold an `@`: the last one
 * counts.
 * @throws Failure `target-invalid`: nothing that starts like an option or holds control characters passes, and white space
 * in user names only.
 */
export function parseTarget(text: string): Target {
  const trimmed = text.trim();
  const url = /^ssh:\/\/(.*?)\/?$/i.exec(trimmed);
  const bare = url?.[1] ?? trimmed;
  const at = bare.lastIndexOf("@");
  const user = at < 0 ? undefined : bare.slice(0, at);
  const { host, port } = splitPort(bare.slice(at + 1), text);
  const valid = isHost(host) && (user === undefined || isUser(user));
  if (!valid) throw invalid(text);
  return { host, ...(user !== undefined && { user }), ...(port !== undefined && { port }) };
}

function splitPort(text: string, whole: string): { host: string; port: number | undefined } {
  const bracketed = /^\[([^[\]]+)\](?::(\d{1,5}))?$/.exec(text);
  if (bracketed) return { host: bracketed[1] ?? "", port: checkedPort(bracketed[2], whole) };
  const colons = text.split(":").length - 1;
  if (colons !== 1) return { host: text, port: undefined };
  const [host = "", port = ""] = text.split(":");
  if (!/^\d{1,5}$/.test(port)) throw invalid(whole);
  return { host, port: checkedPort(port, whole) };
}

function checkedPort(digits: string | undefined, whole: string): number | undefined {
  if (digits === undefined) return undefined;
  const port = Number(digits);
  if (port < 1 || port > 65535) throw invalid(whole);
  return port;
}

function isHost(host: string): boolean {
  return isWithin(host) && !unusableNames.host.test(host) && wholly(nameCharacters.host).test(host);
}

function isUser(user: string): boolean {
  return isWithin(user) && !unusableNames.user.test(user) && wholly(nameCharacters.user).test(user);
}

function isWithin(name: string): boolean {
  return name.length > 0 && [...name].length <= longestHost && !/\p{Cs}/u.test(name);
}

function wholly(characters: string): RegExp {
  return new RegExp(`^${characters}+$`, "u");
}

function invalid(text: string): Failure<SshFailure> {
  return new Failure({ code: "target-invalid", text: text.slice(0, longestHost) });
}

/** The inverse of {@link parseTarget}. */
export function formatTarget({ host, user, port }: Target): string {
  const name = bracketed(host);
  return `${user === undefined ? "" : `${user}@`}${name}${port === undefined ? "" : `:${port}`}`;
}
