import { NotReadable } from "../remote/notReadable.js";

/** One frame of an answer (see helper.py); data may come in several. */
export interface HelperFrame {
  readonly kind: keyof typeof longestFrame;
  /** Which request it answers. */
  readonly id: number;
  readonly payload: Buffer;
}

/** Bytes. None of ours is longer; plain data is handed over as it comes. */
const longestFrame = {
  N: 1024 * 1024,
  D: Number.MAX_SAFE_INTEGER,
  Z: 1024 * 1024,
  J: 64 * 1024,
} as const;
const longestHeader = 64;

/**
 * Reads frames one by one; the stream is read no faster than they are asked for.
 * @param tag stands in the header of each frame, another one for each start of the helper.
 */
export function createHelperFrameReader(
  stream: AsyncIterable<Buffer>,
  tag: string,
): { next(): Promise<HelperFrame | undefined> } {
  const iterator = stream[Symbol.asyncIterator]();
  let pieces: Buffer[] = [];
  let length = 0;
  let dataLeft = 0;
  let dataId = 0;

  const more = async (): Promise<boolean> => {
    const next = await iterator.next();
    if (next.done) return false;
    pieces.push(next.value);
    length += next.value.length;
    return true;
  };
  const joined = (): Buffer => {
    const all = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces, length);
    pieces = [all];
    return all;
  };
  const take = (count: number): Buffer => {
    const all = joined();
    pieces = [all.subarray(count)];
    length -= count;
    return all.subarray(0, count);
  };

  const nextData = async (): Promise<HelperFrame | undefined> => {
    if (length === 0 && !(await more())) return undefined;
    const payload = take(Math.min(length, dataLeft));
    dataLeft -= payload.length;
    return { kind: "D", id: dataId, payload };
  };

  return {
    next: async () => {
      if (dataLeft > 0) return nextData();
      while (joined().indexOf(10) < 0) {
        if (length > longestHeader) throw new NotReadable();
        if (!(await more())) return undefined;
      }
      const end = joined().indexOf(10);
      const header = joined().toString("latin1", 0, end);
      const [, kind, found, number, digits] =
        /^([NDZJ]) ([0-9a-f]+) (\d{1,15}) (\d{1,15})$/.exec(header) ?? [];
      const id = Number(number);
      const size = Number(digits);
      if (found !== tag || size > longestFrame[kind as HelperFrame["kind"]]) throw new NotReadable();
      take(end + 1);
      if (kind === "D" && size > 0) {
        dataLeft = size;
        dataId = id;
        return nextData();
      }
      while (length < size) if (!(await more())) return undefined;
      return { kind: kind as HelperFrame["kind"], id, payload: take(size) };
    },
  };
}

/** The same stream, telling how much came. */
export async function* counted(
  stream: AsyncIterable<Buffer>,
  onBytes: (count: number) => void,
): AsyncIterable<Buffer> {
  for await (const bytes of stream) {
    onBytes(bytes.length);
    yield bytes;
  }
}
