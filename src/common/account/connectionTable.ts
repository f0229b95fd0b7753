import { open } from "node:fs/promises";
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

/** Whose sockets: each table takes the kernel milliseconds where the machine has much memory. */
export type WhichSockets = "all" | "ipv4" | "ipv6";

/** Whether what is sought is among these rows. */
export type IsEnough = (rows: ConnectionTable) => boolean;

const tables = { ipv4: "tcp", ipv6: "tcp6" };

/** Bytes of one read: the kernel gives a page of whole rows at most. */
const mostOfRead = 16 * 1024;

/**
 * @param isEnough is asked about each piece of the table: nothing behind it is read then. Default: all is read.
 * @returns what was read; undefined where this system has no such table.
 */
export async function readConnectionTable(
  which: WhichSockets = "all",
  isEnough: IsEnough = () => false,
): Promise<ConnectionTable | undefined> {
  const texts: string[] = [];
  for (const name of which === "all" ? (["ipv4", "ipv6"] as const) : [which]) {
    const rows = await readRows(tables[name], isEnough);
    texts.push(rows.text);
    if (rows.isEnough) break;
  }
  return texts.every((text) => text === "") ? undefined : connectionTable(texts.join("\n"));
}

/** Empty where it cannot be read. */
async function readRows(
  name: string,
  isEnough: IsEnough,
): Promise<{ readonly text: string; readonly isEnough: boolean }> {
  const pieces: string[] = [];
  const table = await open(`/proc/self/net/${name}`).catch(() => undefined);
  try {
    const read = Buffer.allocUnsafe(mostOfRead);
    // The kernel gives whole rows; should it not, the row is found in the whole text.
    while (table) {
      const { bytesRead } = await table.read(read, 0, read.length, null);
      if (bytesRead === 0) break;
      const piece = read.toString("latin1", 0, bytesRead);
      pieces.push(piece);
      if (isEnough(connectionTable(piece))) return { text: pieces.join(""), isEnough: true };
    }
  } catch {
    // What was read is what there is.
  } finally {
    await table?.close();
  }
  return { text: pieces.join(""), isEnough: false };
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
