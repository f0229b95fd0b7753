import { isTarget, type Target } from "../../ssh/model/target.js";

/** The authority as written by Remote - SSH. */
const written = /^ssh-remote\+(.+)$/s;
/** Maximum characters of an authority. */
const longest = 4_096;

/**
 * The host in the authority of a `vscode-remote` URI: an alias, or hex-encoded JSON.
 * @returns undefined for other remotes, and for invalid hosts.
 */
export function hostOfAuthority(authority: string): Target | undefined {
  const [, name = ""] = written.exec(authority.slice(0, longest)) ?? [];
  if (name === "") return undefined;
  const told = readJson(name) ?? { hostName: name };
  const { hostName, user, port } = told;
  const isRead =
    typeof hostName === "string" &&
    (user === undefined || typeof user === "string") &&
    (port === undefined || typeof port === "number");
  if (!isRead) return undefined;
  const target = {
    host: hostName,
    ...(user !== undefined && { user }),
    ...(port !== undefined && { port }),
  };
  return isTarget(target) ? target : undefined;
}

/** Undefined if the name is not hex-encoded JSON, like most aliases. */
function readJson(name: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(name, "hex").toString());
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
