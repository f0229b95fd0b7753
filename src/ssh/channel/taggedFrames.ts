/** Bytes of a payload, at most, of each kind of frame. A kind is one letter. */
export type FrameKinds = Readonly<Record<string, number>>;

export interface TaggedFrame<Kinds extends FrameKinds> {
  readonly kind: keyof Kinds & string;
  /** What it is about. */
  readonly id: number;
  readonly payload: Buffer;
}

const headLength = 9;

/** The host sent bytes that are not a frame of ours. The message is a sentence about them, without its full stop. */
export class ForeignFrame extends Error {}

/** @param tag stands behind each frame. */
export function encodeTaggedFrame(kind: string, id: number, payload: Uint8Array, tag: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(headLength + payload.length + tag.length);
  frame.write(kind, 0, "latin1");
  frame.writeUInt32BE(id, 1);
  frame.writeUInt32BE(payload.length, 5);
  frame.set(payload, headLength);
  frame.set(tag, headLength + payload.length);
  return frame;
}

/** Takes the bytes of frames in any pieces. Holds no more than one frame and one piece. */
export class TaggedFrameDecoder<Kinds extends FrameKinds> {
  readonly #tag: Buffer;
  readonly #kinds: Kinds;
  #pieces: Buffer[] = [];
  #length = 0;
  /** Bytes without which nothing can be said. */
  #needed = headLength;

  constructor(tag: Buffer, kinds: Kinds) {
    this.#tag = tag;
    this.#kinds = kinds;
  }

  /**
   * Hands over each frame that is whole, its tag compared.
   * @throws ForeignFrame, or what `take` throws: nothing may be fed any more.
   */
  feed(piece: Buffer, take: (frame: TaggedFrame<Kinds>) => void): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
    if (this.#length < this.#needed) return;
    const [first = piece] = this.#pieces;
    const all = this.#pieces.length === 1 ? first : Buffer.concat(this.#pieces, this.#length);
    let at = 0;
    for (;;) {
      const whole = this.#wholeLength(all, at);
      this.#needed = whole;
      if (all.length - at < whole || whole === headLength) break;
      take(this.#frame(all, at, whole));
      at += whole;
    }
    this.#length = all.length - at;
    // Copy, so that a few kept bytes do not keep a large buffer alive.
    this.#pieces = this.#length > 0 ? [Buffer.from(all.subarray(at))] : [];
  }

  /** Bytes of the frame that begins there; those of a head where not even that is whole. */
  #wholeLength(all: Buffer, at: number): number {
    if (all.length - at < headLength) return headLength;
    const kind = all.toString("latin1", at, at + 1);
    const most = Object.hasOwn(this.#kinds, kind) ? this.#kinds[kind] : undefined;
    if (most === undefined) throw new ForeignFrame("it said something that is no frame");
    const length = all.readUInt32BE(at + 5);
    if (length > most) throw new ForeignFrame(`it sent a frame of ${length} bytes`);
    return headLength + length + this.#tag.length;
  }

  #frame(all: Buffer, at: number, whole: number): TaggedFrame<Kinds> {
    const end = at + whole - this.#tag.length;
    if (!all.subarray(end, at + whole).equals(this.#tag))
      throw new ForeignFrame("something else wrote into its output");
    const payload = all.subarray(at + headLength, end);
    return {
      kind: all.toString("latin1", at, at + 1),
      id: all.readUInt32BE(at + 1),
      // Copy a small payload, so that it does not keep a large buffer alive.
      payload: 2 * payload.length < all.length ? Buffer.from(payload) : payload,
    };
  }
}
