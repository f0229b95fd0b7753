import { Failure } from "../../common/failure.js";
import { trimEndOf } from "../../common/text/trimCharacter.js";
import type { HostKey } from "../../ssh/model/hostKeys.js";
import type { KnownHostEntry, KnownHosts } from "../../ssh/hostKeys/knownHosts.js";
import {
  hostFieldMatches,
  hostKeyOf,
  keyTypeOfBlob,
  knownHostsName,
} from "../../ssh/hostKeys/knownHostsFile.js";
import type { SshFailure } from "../../ssh/model/failures.js";
import type { ApiFailure } from "../model/failures.js";
import type { OfferedKeys } from "./offeredKeys.js";

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
 * Adds a key that a host recently presented to this API to known_hosts. Never replaces a changed key: the user does that
 * in the window or terminal, where both keys are shown.
 * @throws Failure `host-key-not-acceptable` when the fields do not match each other, no host presented the key, it is
 * revoked or cannot be checked; `host-key-rejected` when another key is known.
 */
export async function acceptHostKey(
  knownHosts: KnownHosts,
  offered: OfferedKeys,
  request: AcceptRequest,
): Promise<void> {
  if (request.keyType === "") throw refused("Invalid key_type");
  const key = checkedKey(request);
  const name = checkedName(request.host, request.port);
  const offer = offered.find(name, key);
  if (!offer) throw refused("No host offered this key in the last ten minutes: connect first");
  const verdict = await knownHosts.verify(name, key);
  switch (verdict.kind) {
    case "match":
      return;
    case "unknown":
    case "other-type":
      return withKnownHosts("write", () => knownHosts.add(name, key));
    case "ca-only":
      // The host presented a plain key, so it has no certificate.
      return withKnownHosts("write", () => knownHosts.add(name, key));
    case "changed": {
      const { host, port, onTheWayTo } = offer;
      const at = { host, port, ...(onTheWayTo !== undefined && { onTheWayTo }) };
      throw new Failure<SshFailure>({ code: "host-key-rejected", ...at, key, knownHostsName: name, verdict });
    }
    case "revoked":
      throw refused("The key is revoked");
    case "unreadable":
      throw refused("A known_hosts file cannot be read");
  }
}

/**
 * Removes the known_hosts lines of this host with a key of this type, hashed ones too.
 * @param host a name, or the whole host field of a line.
 * @returns whether any line was removed.
 */
export async function removeHostKeys(
  knownHosts: KnownHosts,
  host: string,
  port: number,
  keyType: string,
): Promise<boolean> {
  if (host === "") throw refused("Invalid host");
  if (keyType === "") throw refused("Invalid key_type");
  const name = knownHostsName(host, port);
  const names = ({ hosts, hashed }: { hosts: string; hashed: boolean }): boolean =>
    hosts === host ||
    (hashed ? hostFieldMatches(hosts, name) : hosts.toLowerCase().split(",").includes(name));
  return withKnownHosts("remove", async () => {
    const gone = (await knownHosts.list()).filter(
      (entry) => entry.marker === undefined && entry.key.type === keyType && names(entry),
    );
    for (const entry of gone) await knownHosts.remove(entry);
    return gone.length > 0;
  });
}

/** @throws Failure `known-hosts-unusable`. */
export function listHostKeys(knownHosts: KnownHosts): Promise<readonly KnownHostEntry[]> {
  return withKnownHosts("list", () => knownHosts.list());
}

/** Turns system errors (EACCES, ENOSPC…) into failures with their message. */
async function withKnownHosts<T>(
  work: Extract<ApiFailure, { code: "known-hosts-unusable" }>["work"],
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new Failure<ApiFailure>({ code: "known-hosts-unusable", work, reason: error.message });
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}

function checkedName(host: string, port: number): string {
  // These characters would add a line, a second host or a pattern.
  if (host === "" || /[\s\p{C},*?!|#@[\]]/u.test(host)) throw refused("Invalid host");
  return knownHostsName(host, port);
}

function checkedKey({ keyType, publicKey, fingerprint }: AcceptRequest): HostKey {
  const parts = /^(\S+) ([A-Za-z0-9+/]+={0,2})(?: .*)?$/.exec(publicKey);
  const [, type = "", base64 = ""] = parts ?? [];
  const blob = Buffer.from(base64, "base64");
  if (!parts || keyTypeOfBlob(blob) !== type || blob.toString("base64") !== base64)
    throw refused("Invalid public_key");
  if (type !== keyType) throw refused("key_type does not match public_key");
  const key = hostKeyOf(type, blob);
  if (key.fingerprint !== trimEndOf(fingerprint, "="))
    throw refused("fingerprint_sha256 does not match public_key");
  return key;
}

function refused(reason: string): Failure<ApiFailure> {
  return new Failure<ApiFailure>({ code: "host-key-not-acceptable", reason });
}
