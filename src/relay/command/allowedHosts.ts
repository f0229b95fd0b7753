import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import { Failure } from "../../common/failure.js";
import { matchesGlob } from "../../common/text/glob.js";
import type { SshFailure } from "../../ssh/model/failures.js";
import type { RelayCommandFailure, RelayStartFailure } from "../protocol/failures.js";

/** Characters of a name in the DNS. */
const longestName = 253;

/** Finds every address of a name; rejects when it has none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

export interface AllowedHosts {
  /**
   * Checks the requested name, and every address that it resolves to. Connect to the returned address, not to the name,
   * which may resolve to another one later (DNS rebinding).
   * @throws Failure `relay-host-not-allowed`, `relay-address-not-allowed` or `host-not-found`.
   */
  addressOf(host: string, port: number): Promise<string>;
}

/** Loopback, link-local, unspecified and multicast addresses: a name resolves to these only by mistake or malice. */
const never = [
  "0.0.0.0/8",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "224.0.0.0/3",
  "::/127",
  "fe80::/10",
  "ff00::/8",
];

/** Metadata services of clouds, which hand out credentials, besides 169.254.0.0/16 and fe80::/10. */
const cloudMetadata = [
  "100.100.100.200", // Alibaba
  "168.63.129.16", // Azure's host agent
  "192.0.0.192", // Oracle, classic
  "fd00:ec2::/32", // AWS
  "fd20:ce::254", // Google
  "fd00:c1::a9fe:a9fe", // Oracle
  "fd00:42::42", // Scaleway
  "fd00:a9fe:a9fe::1", // Linode
  "fd00:100::100:200", // Alibaba
];

/** Such an address must itself be on the list, also where it is reached through NAT64 (RFC 6052). */
const neverByName = blockList(
  [...never, ...cloudMetadata].flatMap((entry) => [entry, ...throughNat64(entry)]),
);

/** Names of the same services: no glob stands for them. */
const neverByGlob = new Set([
  "metadata",
  "metadata.google.internal",
  "metadata.goog",
  "instance-data",
  "instance-data.ec2.internal",
]);

/**
 * @param entries names (`gpu01.lab`), globs over one name (`*.lab`, `gpu??`), addresses, and CIDR blocks. None: nothing.
 * @throws Failure `relay-host-entry-invalid`.
 */
export function createAllowedHosts(entries: readonly string[], resolve: Resolve = resolveName): AllowedHosts {
  const trimmed = entries.map((entry) => entry.trim()).filter(Boolean);
  const blocks = blockList(trimmed.filter(isBlock));
  const names = trimmed.filter((entry) => !isBlock(entry)).map(patternOf);
  return {
    addressOf: async (host, port) => {
      const name = normal(host);
      if (isIP(name) !== 0) {
        if (!holds(blocks, name)) throw refused({ code: "relay-host-not-allowed", host });
        return name;
      }
      if (!isName(name)) throw refused({ code: "relay-host-not-allowed", host });
      const byName = neverByGlob.has(name)
        ? names.includes(name)
        : names.some((pattern) => matchesGlob(pattern, name));
      // A name that only its address could allow is looked up; with no blocks on the list, nobody even hears of it.
      if (!byName && !trimmed.some(isBlock)) throw refused({ code: "relay-host-not-allowed", host });
      const addresses = await resolve(name).catch((): readonly string[] => []);
      const [first] = addresses;
      if (first === undefined) throw new Failure<SshFailure>({ code: "host-not-found", host, port });
      for (const address of addresses) {
        if (holds(blocks, address)) continue;
        if (!byName) throw refused({ code: "relay-host-not-allowed", host });
        if (holds(neverByName, address)) throw refused({ code: "relay-address-not-allowed", host, address });
      }
      return first;
    },
  };
}

async function resolveName(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

/** Names are compared as DNS does: without case, and without the dot at the end. */
function normal(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "");
}

function isName(host: string): boolean {
  return host.length <= longestName && /^[\p{L}\p{N}_]([\p{L}\p{N}._-]*)$/u.test(host);
}

function isBlock(entry: string): boolean {
  return entry.includes("/") || isIP(normal(entry)) !== 0;
}

/** A glob over one name, in the form in which names are compared. */
function patternOf(entry: string): string {
  if (entry.length > longestName || !/^[\p{L}\p{N}.*?_-]+$/u.test(entry)) throw invalid(entry);
  return normal(entry);
}

function blockList(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = "", bits, ...rest] = normal(entry).split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    const width = family === "ipv6" ? 128 : 32;
    const prefix = bits === undefined ? width : Number(bits);
    const valid =
      isIP(address) !== 0 && rest.length === 0 && /^\d{1,3}$/.test(bits ?? "0") && prefix <= width;
    if (!valid) throw invalid(entry);
    list.addSubnet(address, prefix, family);
  }
  return list;
}

function throughNat64(entry: string): string[] {
  const [address = "", bits = "32"] = entry.split("/");
  return isIP(address) === 4 ? [`64:ff9b::${address}/${96 + Number(bits)}`] : [];
}

/** An IPv4 address written as an IPv6 one counts as what it is. */
function holds(list: BlockList, address: string): boolean {
  const [plain = ""] = address.split("%", 1);
  return list.check(plain, isIP(plain) === 6 ? "ipv6" : "ipv4");
}

function refused(refusal: RelayCommandFailure): Failure<RelayCommandFailure> {
  return new Failure(refusal);
}

function invalid(entry: string): Failure<RelayStartFailure> {
  return new Failure<RelayStartFailure>({ code: "relay-host-entry-invalid", entry: entry.slice(0, 255) });
}
