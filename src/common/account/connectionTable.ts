import { readFile } from "node:fs/promises";
import { isIPv4 } from "node:net";
import { endianness } from "node:os";

/** An address of the loopback, as Node writes it, and a port. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** The TCP connections of this machine, and the accounts that they belong to (proc(5), `/proc/net/tcp`). */
export interface ConnectionTable {
  /** Whether a socket of this account listens there. */
  isListening(at: Endpoint, uid: number): boolean;
  /** The account whose socket leads from here to there; undefined where there is none that a program still holds. */
  ownerOf(from: Endpoint, to: Endpoint): number | undefined;
}

/**
 * @param which the sockets of IPv4 alone: each table takes the kernel milliseconds where it has much memory.
 * @returns undefined where this system has no such table.
 */
export async function readConnectionTable(
  which: "all" | "ipv4" = "all",
): Promise<ConnectionTable | undefined> {
  const names = which === "all" ? ["tcp", "tcp6"] : ["tcp"];
  const [ipv4 = "", ipv6 = ""] = await Promise.all(
    names.map((name) => readFile(`/proc/self/net/${name}`, "latin1").catch(() => "")),
  );
  return ipv4 === "" ? undefined : connectionTable(`${ipv4}\n${ipv6}`);
}

/**
 * @param text the rows of both tables.
 * @param order in which this machine keeps the bytes of a number: addresses are written as numbers.
 */
export function connectionTable(text: string, order: "LE" | "BE" = endianness()): ConnectionTable {
  const row = (local: string, remote: string): Row | undefined => {
    const key = ` ${local} ${remote} `;
    const at = text.indexOf(key);
    if (at < 0) return undefined;
    const end = text.indexOf("\n", at);
    const fields = text.slice(at + key.length, end < 0 ? undefined : end).split(/ +/);
    return { state: fields[0], uid: Number(fields[4]), inode: Number(fields[6]) };
  };
  const rows = (from: Endpoint, to: Endpoint): Row[] => {
    const ends = formsOf(to.address, order);
    return formsOf(from.address, order).flatMap(
      (start, form) => row(written(start, from.port), written(ends[form] ?? "", to.port)) ?? [],
    );
  };
  return {
    isListening: (at, uid) =>
      formsOf(at.address, order).some((start) => {
        const found = row(written(start, at.port), written("0".repeat(start.length), 0));
        return found?.state === listening && found.uid === uid && found.inode > 0;
      }),
    // A socket that its program has closed belongs to nobody: it is shown with root's number and without an inode.
    ownerOf: (from, to) => rows(from, to).find(({ inode }) => inode > 0)?.uid,
  };
}

interface Row {
  readonly state: string | undefined;
  readonly uid: number;
  readonly inode: number;
}

const listening = "0A";

/** How the table may write an address: an IPv4 one also as an IPv6 socket sees it. Empty for what is no loopback. */
function formsOf(address: string, order: "LE" | "BE"): string[] {
  const word = (...bytes: number[]): string =>
    (order === "LE" ? bytes.reverse() : bytes)
      .map((byte) => byte.toString(16).toUpperCase().padStart(2, "0"))
      .join("");
  const plain = address.startsWith("::ffff:") ? address.slice("::ffff:".length) : address;
  if (plain === "::1") return [`${"0".repeat(24)}${word(0, 0, 0, 1)}`];
  if (!isIPv4(plain)) return [];
  const ipv4 = word(...plain.split(".").map(Number));
  return [ipv4, `${"0".repeat(16)}${word(0, 0, 255, 255)}${ipv4}`];
}

function written(address: string, port: number): string {
  return `${address}:${port.toString(16).toUpperCase().padStart(4, "0")}`;
}
