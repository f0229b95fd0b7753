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

/** White space other than the space itself; some shells part words there. */
const blanksButOne = "\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\u00a0";

/** What one character of a name may be, as a regular expression with the flag `u`. */
export const nameCharacters = {
  host: `[^\\s${unseen}/@,\\[\\]"'\`\\\\$;|&<>(){}*?!#]`,
  /**
   * Narrower than OpenSSH (valid_ruser in ssh.c), which lets `x$IFS-oOption` pass: a `Match exec` or a ProxyCommand of the
   * person's may hand the name to a shell. With {@link unusableNames} nothing passes that is expanded, names files, begins
   * a command, a comment or an option there; blanks do, and what more there is to a ProxyCommand, `hostConfig.ts` asks.
   */
  user: `[^${unseen}${blanksButOne}"'\`;|&<>(){}\\[\\]*?!~^]`,
} as const;

/** No blank at an end; none before what begins an option, a comment, or what zsh looks up; nothing that is read as a URL. */
const badStarts = "^[ =#-]| [ =#-]| $|^[sS][sS][hH]://";
/** `BOX$`: at the end alone. */
const badDollar = "\\$[\\s\\S]";
/** `DOM\ada`: one, between names. */
const badBackslash = "^\\\\|\\\\$|\\\\[ -/:-@\\[-\\^`{-~]|^[^\\\\]*\\\\[^\\\\]*\\\\";
/** Two of them are a variable of Windows. */
const badPercent = "^[^%]*%[^%]*%";

/** What no name may match. */
export const unusableNames = {
  host: new RegExp(["^-", badPercent, unseenElsewhere].join("|"), "u"),
  user: new RegExp([badStarts, badDollar, badBackslash, badPercent, unseenElsewhere].join("|"), "u"),
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

export function isHost(host: string): boolean {
  return isWithin(host) && !unusableNames.host.test(host) && wholly(nameCharacters.host).test(host);
}

export function isUser(user: string): boolean {
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

/**
 * Validates a target that comes in parts, from a file, a client or another program: {@link parseTarget} could have
 * produced it.
 */
export function isTarget(target: Target): boolean {
  try {
    const { host, user, port } = parseTarget(formatTarget(target));
    return host === target.host && user === target.user && port === target.port;
  } catch {
    return false;
  }
}

/** @throws Failure `target-invalid` for what is none. */
export function checkTarget(target: Target): void {
  if (!isTarget(target)) throw invalid(formatTarget(target));
}

/**
 * The hosts of a ProxyJump, the nearest first: as {@link parseTarget} reads them, separated by commas. `none`: no hosts.
 * @throws Failure `target-invalid`
 */
export function parseJumpHosts(text: string): Target[] {
  return text.trim().toLowerCase() === "none" ? [] : text.split(",").map(parseTarget);
}

/** The inverse of {@link parseJumpHosts}. */
export function formatJumpHosts(hosts: readonly Target[]): string {
  return hosts.length === 0 ? "none" : hosts.map(formatTarget).join(",");
}

/** The inverse of {@link parseTarget}. */
export function formatTarget({ host, user, port }: Target): string {
  const name = bracketed(host);
  return `${user === undefined ? "" : `${user}@`}${name}${port === undefined ? "" : `:${port}`}`;
}
