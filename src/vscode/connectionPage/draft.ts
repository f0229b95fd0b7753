import { areLines } from "../../environments/lines/lines.js";
import { isHost, isUser, parseJumpHosts, type Target } from "../../ssh/model/target.js";

/** The fields of the form, as typed. Both the page and the extension validate it. */
export type Draft = Readonly<Record<TextField, string>> & { readonly authentication: Authentication };

export const textFields = [
  "name",
  "host",
  "user",
  "port",
  "keyFile",
  "jump",
  "lines",
  "python",
  "root",
  "localPort",
] as const;
export type TextField = (typeof textFields)[number];

/** `automatic`: like OpenSSH. */
export const authentications = ["automatic", "key", "password"] as const;
export type Authentication = (typeof authentications)[number];

/** Fields that determine how to connect. */
export const loginFields = ["host", "user", "port", "authentication", "keyFile", "jump"] as const;

/** Why a field is invalid. */
export const problems = [
  "too-long",
  "host-missing",
  "host-invalid",
  "user-invalid",
  "port-invalid",
  "key-missing",
  "key-relative",
  "jump-invalid",
  "lines-invalid",
  "python-relative",
  "root-relative",
  "local-port-invalid",
  /** Another saved connection has the same target; only the extension knows. */
  "host-taken",
] as const;
export type Problem = (typeof problems)[number];
export type Problems = Readonly<Partial<Record<TextField, Problem>>>;

/** Maximum characters of a field. */
const longestText = 1_000;
/** Lower ports are privileged. */
const firstLocalPort = 1024;

export function isSame(
  one: Draft,
  other: Draft,
  fields: readonly (keyof Draft)[] = [...textFields, "authentication"],
) {
  return fields.every((field) => one[field] === other[field]);
}

/** Validates a draft; empty if valid. */
export function problemsOf(draft: Draft): Problems {
  const found: Partial<Record<TextField, Problem>> = {};
  for (const field of textFields) {
    const text = draft[field].trim();
    if (field === "lines") {
      if (!areLines(draft.lines)) found.lines = "lines-invalid";
      continue;
    }
    const isPlain = text.length <= longestText && !/[\u0000-\u001f\u007f]/.test(text);
    const problem = isPlain ? problemIn(field, text, draft) : "too-long";
    if (problem) found[field] = problem;
  }
  return found;
}

function problemIn(
  field: Exclude<TextField, "lines">,
  text: string,
  { authentication }: Draft,
): Problem | undefined {
  if (field === "host") {
    // A single colon separates a port, which has its own field.
    const isName = isHost(withoutBrackets(text)) && text.split(":").length !== 2;
    return text === "" ? "host-missing" : isName ? undefined : "host-invalid";
  }
  if (field === "keyFile" && text === "") return authentication === "key" ? "key-missing" : undefined;
  if (text === "") return undefined;
  switch (field) {
    case "name":
      return undefined;
    case "user":
      return isUser(text) ? undefined : "user-invalid";
    case "port":
      return isPort(text, 1) ? undefined : "port-invalid";
    case "keyFile":
      return /^(~?[\\/]|[A-Za-z]:[\\/])/.test(text) ? undefined : "key-relative";
    case "jump":
      return areJumpHosts(text) ? undefined : "jump-invalid";
    case "python":
      return text.startsWith("/") ? undefined : "python-relative";
    case "root":
      return /^(\/|~\/|~$)/.test(text) ? undefined : "root-relative";
    case "localPort":
      return isPort(text, firstLocalPort) ? undefined : "local-port-invalid";
  }
}

/** An IPv6 address may be in brackets, as in a URL. */
function withoutBrackets(host: string): string {
  const isBracketed = host.startsWith("[") && host.endsWith("]") && host.includes(":");
  return isBracketed ? host.slice(1, -1) : host;
}

function isPort(text: string, first: number): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= first && Number(text) <= 65_535;
}

function areJumpHosts(text: string): boolean {
  try {
    return parseJumpHosts(text).length >= 0;
  } catch {
    return false;
  }
}

/** The target of a valid draft. */
export function targetOf(draft: Draft): Target {
  const [user, port] = [draft.user.trim(), draft.port.trim()];
  return {
    host: withoutBrackets(draft.host.trim()),
    ...(user !== "" && { user }),
    ...(port !== "" && { port: Number(port) }),
  };
}

/** The part of a saved connection that the form needs; a page cannot import its type. */
interface Kept {
  readonly target: Target;
  readonly name?: string | undefined;
  readonly authentication?: Exclude<Authentication, "automatic"> | undefined;
  readonly identityFile?: string | undefined;
  readonly jump?: string | undefined;
  readonly lines?: string | undefined;
  readonly python?: string | undefined;
  readonly root?: string | undefined;
  readonly localPort?: number | undefined;
}

/** Fills the form from a connection. */
export function draftOf(saved: Kept): Draft {
  const { target, localPort } = saved;
  return {
    name: saved.name ?? "",
    host: target.host,
    user: target.user ?? "",
    port: target.port === undefined ? "" : String(target.port),
    authentication: saved.authentication ?? "automatic",
    keyFile: saved.identityFile ?? "",
    jump: saved.jump ?? "",
    lines: saved.lines ?? "",
    python: saved.python ?? "",
    root: saved.root ?? "",
    localPort: localPort === undefined ? "" : String(localPort),
  };
}

/** Takes changes from elsewhere into untouched fields. */
export function rebase(draft: Draft, base: Draft, now: Draft): Draft {
  const fields = Object.keys(base) as (keyof Draft)[];
  return Object.fromEntries(
    fields.map((field) => [field, draft[field] === base[field] ? now[field] : draft[field]]),
  ) as unknown as Draft;
}
