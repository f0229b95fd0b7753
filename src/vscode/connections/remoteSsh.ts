import { formatTarget, isTarget, type Target } from "../../ssh/model/target.js";
import { isThisMachine } from "../../ssh/model/thisMachine.js";

/** Extensions that open windows on SSH hosts, with the same URIs; the first installed one is used. */
export const remoteSshExtensions = ["ms-vscode-remote.remote-ssh", "jeanp413.open-remote-ssh"] as const;

/** Names that can be an authority as they are: VS Code lowercases authorities. */
const plainName = /^[a-z0-9][a-z0-9._-]*$/;

/**
 * Names that another extension can safely pass to a shell or a configuration file. Stricter than {@link isTarget},
 * because we do not know how it quotes.
 */
const harmlessHost = /^[\p{L}\p{N}:][\p{L}\p{M}\p{N}._:-]*$/u;
const harmlessUser = /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}._@+-]*$/u;

/**
 * The authority of a `vscode-remote` URI for a host: an alias as it is, everything else as hex-encoded JSON, and so is
 * an alias that would be decoded as such.
 * @returns undefined for this machine, and for names that are not safe to pass on.
 */
export function remoteAuthority(target: Target): string | undefined {
  const { host, user, port } = target;
  if (isThisMachine(target) || !isTarget(target) || !harmlessHost.test(host)) return undefined;
  if (user !== undefined && !harmlessUser.test(user)) return undefined;
  const isPlain = formatTarget(target) === host && plainName.test(host) && !isReadAsJson(host);
  if (isPlain) return `ssh-remote+${host}`;
  const json = JSON.stringify({
    hostName: host,
    ...(user !== undefined && { user }),
    ...(port !== undefined && { port }),
  });
  return `ssh-remote+${Buffer.from(json).toString("hex")}`;
}

/**
 * Whether the extensions would read a name as hex-encoded JSON. They decode its leading hex digits: `31-gpu` is the
 * number 1, and a long name could be a whole target with options.
 */
function isReadAsJson(name: string): boolean {
  try {
    JSON.parse(Buffer.from(name, "hex").toString());
    return true;
  } catch {
    return false;
  }
}
