import { Failure } from "../common/failure.js";
import type { HostKey } from "../ssh/hostKeys.js";
import type { KnownHosts } from "../ssh/knownHosts.js";
import { hostFieldMatches, hostKeyOf, keyTypeOfBlob, knownHostsName } from "../ssh/knownHostsFile.js";
import type { ApiFailure } from "./problem.js";

export interface AcceptRequest {
  readonly host: string;
  readonly port: number;
  readonly keyType: string;
  /** `<type> <base64>` */
  readonly publicKey: string;
  /** `SHA256:…` */
  readonly fingerprint: string;
}

/**
 * Trusts a key for a host, in the place of one of the same type that we trusted before.
 * @throws Failure `host-key-not-acceptable` when the parts do not fit together, or the key is revoked.
 */
export async function acceptHostKey(knownHosts: KnownHosts, request: AcceptRequest): Promise<void> {
  const key = checkedKey(request);
  const name = checkedName(request.host, request.port);
  if ((await knownHosts.verify(name, key)).kind === "revoked") throw refused("The key is revoked");
  await knownHosts.replace(name, key);
}

/**
 * Removes the lines that name this host and hold a key of this type; hashed names are found too.
 * @param host a name, or a whole host field as the list shows it.
 * @returns whether there were any.
 */
export async function removeHostKeys(
  knownHosts: KnownHosts,
  host: string,
  port: number,
  keyType: string,
): Promise<boolean> {
  const name = knownHostsName(host, port);
  const names = ({ hosts, hashed }: { hosts: string; hashed: boolean }): boolean =>
    hosts === host ||
    (hashed ? hostFieldMatches(hosts, name) : hosts.toLowerCase().split(",").includes(name));
  const gone = (await knownHosts.list()).filter(
    (entry) => entry.marker === undefined && entry.key.type === keyType && names(entry),
  );
  for (const entry of gone) await knownHosts.remove(entry);
  return gone.length > 0;
}

function checkedName(host: string, port: number): string {
  // Anything else would become another line, another host or a pattern.
  if (/[\s\p{C},*?!|#@[\]]/u.test(host)) throw refused("Invalid host");
  return knownHostsName(host, port);
}

function checkedKey({ keyType, publicKey, fingerprint }: AcceptRequest): HostKey {
  const parts = /^(\S+) ([A-Za-z0-9+/]+={0,2})(?: .*)?$/.exec(publicKey.trim());
  const [, type = "", base64 = ""] = parts ?? [];
  const blob = Buffer.from(base64, "base64");
  if (!parts || keyTypeOfBlob(blob) !== type || blob.toString("base64") !== base64)
    throw refused("Invalid public_key");
  if (type !== keyType) throw refused("key_type does not match public_key");
  const key = hostKeyOf(type, blob);
  if (key.fingerprint !== fingerprint.replace(/=+$/, ""))
    throw refused("fingerprint_sha256 does not match public_key");
  return key;
}

function refused(reason: string): Failure<ApiFailure> {
  return new Failure<ApiFailure>({ code: "host-key-not-acceptable", reason });
}
