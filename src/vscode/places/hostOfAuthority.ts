import { isTarget, type Target } from "../../ssh/model/target.js";

/** As the extensions that open windows on hosts write it. */
const written = /^ssh-remote\+(.+)$/s;
/** Characters that are looked at: no host and user have more. */
const longest = 4_096;

/**
 * The host in the authority of a `vscode-remote` address: an alias, or JSON in hexadecimal digits.
 * @returns undefined for other remotes, and for what is no host.
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

/** Undefined where the name is none of that, as most aliases. */
function readJson(name: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(name, "hex").toString());
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
