/** One frame of an answer (see helper.py); data may come in several. */
export interface Frame {
  readonly kind: "N" | "D" | "Z" | "J";
  readonly payload: Buffer;
}

/** Bytes. No frame of ours is longer, except plain data, which is handed over as it comes. */
const longestFrame = 64 * 1024 * 1024;
const longestHeader = 32;

/** Reads frames one by one; the stream is read no faster than they are asked for. */
export function createFrameReader(stream: AsyncIterable<Buffer>): { next(): Promise<Frame | undefined> } {
  const iterator = stream[Symbol.asyncIterator]();
  let pieces: Buffer[] = [];
  let length = 0;
  let dataLeft = 0;

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

  const nextData = async (): Promise<Frame | undefined> => {
    if (length === 0 && !(await more())) return undefined;
    const payload = take(Math.min(length, dataLeft));
    dataLeft -= payload.length;
    return { kind: "D", payload };
  };

  return {
    next: async () => {
      if (dataLeft > 0) return nextData();
      while (joined().indexOf(10) < 0) {
        if (length > longestHeader) throw new Error("the helper's answer is not readable");
        if (!(await more())) return undefined;
      }
      const end = joined().indexOf(10);
      const [, kind, digits] = /^([NDZJ]) (\d{1,15})$/.exec(joined().toString("latin1", 0, end)) ?? [];
      const size = Number(digits);
      if (kind === undefined || (kind !== "D" && size > longestFrame)) {
        throw new Error("the helper's answer is not readable");
      }
      take(end + 1);
      if (kind === "D" && size > 0) {
        dataLeft = size;
        return nextData();
      }
      while (length < size) if (!(await more())) return undefined;
      return { kind: kind as Frame["kind"], payload: take(size) };
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
