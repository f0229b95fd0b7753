import { formatTarget, isTarget, type Target } from "../../ssh/model/target.js";
import { isThisMachine } from "../../ssh/model/thisMachine.js";

/** The extensions that open windows on hosts of SSH, by the same addresses; the first one that is there counts. */
export const remoteSshExtensions = ["ms-vscode-remote.remote-ssh", "jeanp413.open-remote-ssh"] as const;

/** What stands in an address as it is: VS Code writes authorities in small letters. */
const plainName = /^[a-z0-9][a-z0-9._-]*$/;

/**
 * What another extension may hand to a shell or a configuration without harm. Narrower than {@link isTarget}: how those
 * extensions quote is not ours to know.
 */
const harmlessHost = /^[\p{L}\p{N}:][\p{L}\p{M}\p{N}._:-]*$/u;
const harmlessUser = /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}._@+-]*$/u;

/**
 * The authority of a `vscode-remote` address for a host: an alias as it is, everything else as JSON in hexadecimal digits.
 * So is an alias that its reader would take for those.
 * @returns undefined for this machine, and for names that are not handed to others.
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
 * Whether the extensions read a name as JSON in hexadecimal digits. They decode it as far as there are digits: `31-gpu` is
 * the number 1, and a long name may be a whole address that says where to go, or with which options.
 */
function isReadAsJson(name: string): boolean {
  try {
    JSON.parse(Buffer.from(name, "hex").toString());
    return true;
  } catch {
    return false;
  }
}
