import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import * as z from "zod";
import { readFileIfPresent, updateSharedFile } from "../common/files/sharedFile.js";
import type { Logger } from "../common/logger.js";

/*
 * Browsers store a page's data by origin, which includes the port: on another port, a viewer has lost its settings; on
 * the port of another host's viewer, it would read that viewer's data.
 */

/** Which local ports belong to which place, on disk and for good. */
export interface KeptPorts {
  /** The ports of a place, oldest first. */
  of(place: string): Promise<readonly number[]>;
  /** Numbers that may become the place's next port, as they are to be tried; none of them belongs to any place. */
  candidates(place: string): Promise<readonly number[]>;
  /**
   * Gives a port to a place, which is to have bound it.
   * @returns false when it belongs to another place.
   */
  give(port: number, place: string): Promise<boolean>;
}

/** Above those of well-known services, and below those that systems give to outgoing connections (32768 or 49152 on). */
const [first, last] = [24_000, 29_999];
/** At once: that many in a row are hardly ever taken. */
const mostCandidates = 100;

const stored = z.array(z.object({ place: z.string(), port: z.int().min(1).max(65535) }));
type Stored = z.infer<typeof stored>;

/**
 * @param file absolute path; several programs share it. Where it cannot be read or written, no port belongs to anybody.
 * @param passedOver ports that the system may give to anybody.
 */
export function createKeptPorts(
  file: string,
  logger: Logger,
  passedOver: () => Promise<PortRange | undefined> = ephemeralRange,
): KeptPorts {
  const parse = (bytes: Buffer | undefined): Stored => {
    const { data } = stored.safeParse(jsonOf(bytes));
    if (!data) logger.warn(`${file} is not readable and is written anew`);
    return data ?? [];
  };
  const list = async (): Promise<Stored> => {
    try {
      return parse(await readFileIfPresent(file));
    } catch (error) {
      logger.warn(`${file}: ${String(error)}`);
      return [];
    }
  };
  return {
    of: async (place) => (await list()).filter((one) => one.place === place).map(({ port }) => port),
    candidates: async (place) => {
      const given = new Set((await list()).map(({ port }) => port));
      const range = await passedOver();
      const isFree = (port: number): boolean =>
        !given.has(port) && !(range && port >= range.first && port <= range.last);
      return inOrder(place).filter(isFree).slice(0, mostCandidates);
    },
    give: async (port, place) => {
      let isOurs = false;
      await updateSharedFile(file, (bytes) => {
        const all = parse(bytes);
        const owner = all.find((one) => one.port === port)?.place;
        isOurs = owner === undefined || owner === place;
        return owner === undefined
          ? Buffer.from(`${JSON.stringify([...all, { place, port }])}\n`)
          : undefined;
      });
      return isOurs;
    },
  };
}

function jsonOf(bytes: Buffer | undefined): unknown {
  try {
    return JSON.parse(bytes?.toString("utf8") ?? "[]");
  } catch {
    return undefined;
  }
}

/** All ports of ours, from one on that the place decides: where the file is lost, most places find theirs again. */
function inOrder(place: string): number[] {
  const count = last - first + 1;
  const start = createHash("sha256").update(place).digest().readUInt32BE() % count;
  return Array.from({ length: count }, (_, index) => first + ((start + index) % count));
}

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** What Linux gives to outgoing connections (ip(7)); a person may have widened it. Undefined where it is not known. */
async function ephemeralRange(): Promise<PortRange | undefined> {
  const text = await readFile("/proc/sys/net/ipv4/ip_local_port_range", "utf8").catch(() => "");
  const [from, to] = text.trim().split(/\s+/).map(Number);
  const isUsable = from !== undefined && to !== undefined && !(from <= first && to >= last);
  return isUsable ? { first: from, last: to } : undefined;
}
