import { createHash, createHmac } from "node:crypto";
import { matchesGlob } from "../../common/text/glob.js";
import { sameBytes } from "../../common/text/sameBytes.js";
import type { HostKey } from "../model/hostKeys.js";

/** One line of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). */
export interface KnownHostsLine {
  readonly marker: "@revoked" | "@cert-authority" | undefined;
  /** The host field as written. */
  readonly hosts: string;
  readonly key: HostKey;
  readonly comment: string;
  /** 1-based. */
  readonly line: number;
}

/** How known_hosts names a host: the bare name on port 22, `[name]:port` elsewhere; always in lower case. */
export function knownHostsName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** The inverse of {@link knownHostsName}. */
export function hostOfName(name: string): { readonly host: string; readonly port: number } {
  const [, host, port] = /^\[(.+)\]:(\d{1,5})$/.exec(name) ?? [];
  return host === undefined ? { host: name, port: 22 } : { host, port: Number(port) };
}

/** A public key from its type and blob. */
export function hostKeyOf(type: string, blob: Uint8Array): HostKey {
  const digest = createHash("sha256").update(blob).digest("base64").replace("=", "");
  return { type, base64: Buffer.from(blob).toString("base64"), fingerprint: `SHA256:${digest}` };
}

/** The algorithm name that an RFC 4253 key blob starts with; undefined when the blob is too short to hold it. */
export function keyTypeOfBlob(blob: Buffer): string | undefined {
  if (blob.length < 4) return undefined;
  const length = blob.readUInt32BE(0);
  return length === 0 || blob.length < 4 + length ? undefined : blob.toString("latin1", 4, 4 + length);
}

/** Every line that can be read; comments, empty lines and garbage are passed over, as OpenSSH does. */
export function parseKnownHosts(bytes: Buffer): KnownHostsLine[] {
  // Latin-1, so that no byte is lost or joined with another.
  return bytes
    .toString("latin1")
    .split("\n")
    .flatMap((text, index) => parseLine(text.replace(/\r$/, ""), index + 1) ?? []);
}

function parseLine(text: string, line: number): KnownHostsLine | undefined {
  const trimmed = text.replace(/^[ \t]+/, "");
  if (trimmed === "" || trimmed.startsWith("#")) return undefined;
  const fields = trimmed.split(/[ \t]+/);
  const marker = fields[0]?.startsWith("@") ? fields.shift() : undefined;
  if (marker !== undefined && marker !== "@revoked" && marker !== "@cert-authority") return undefined;
  const [hosts, type, base64, ...comment] = fields;
  if (!hosts || !type || !base64 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  const blob = Buffer.from(base64, "base64");
  if (keyTypeOfBlob(blob) !== type) return undefined;
  return { marker, hosts, key: hostKeyOf(type, blob), comment: comment.join(" "), line };
}

/** Whether a host field names this host: hashed, or a list of patterns of which a negated one excludes. */
export function hostFieldMatches(hosts: string, name: string): boolean {
  if (hosts.startsWith("|")) return hashedFieldMatches(hosts, name);
  let matched = false;
  for (const pattern of hosts.split(",")) {
    if (pattern.startsWith("!")) {
      if (matchesGlob(pattern.slice(1).toLowerCase(), name)) return false;
    } else if (matchesGlob(pattern.toLowerCase(), name)) matched = true;
  }
  return matched;
}

function hashedFieldMatches(hosts: string, name: string): boolean {
  const [, version, salt = "", hash = ""] = hosts.split("|");
  if (version !== "1") return false;
  const expected = Buffer.from(hash, "base64");
  const actual = createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest();
  return sameBytes(expected, actual);
}

/** The bytes with one line appended; adds a missing final line break first. */
export function withLine(bytes: Buffer, text: string): Buffer {
  const needsBreak = bytes.length > 0 && bytes.at(-1) !== 0x0a;
  return Buffer.concat([bytes, Buffer.from(`${needsBreak ? "\n" : ""}${text}\n`, "latin1")]);
}

/** The bytes without the given 1-based lines; every other byte stays. */
export function withoutLines(bytes: Buffer, lines: ReadonlySet<number>): Buffer {
  const kept: Buffer[] = [];
  let start = 0;
  for (let line = 1; start < bytes.length; line += 1) {
    const end = bytes.indexOf(0x0a, start);
    const next = end < 0 ? bytes.length : end + 1;
    if (!lines.has(line)) kept.push(bytes.subarray(start, next));
    start = next;
  }
  return Buffer.concat(kept);
}
