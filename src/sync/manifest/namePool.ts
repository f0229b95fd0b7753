import { decodeBytes, encodeBytes } from "../../common/text/bytes.js";

/** Bytes of memory taken at a time; no name is longer, see `isSafePath`. */
const pageSize = 1 << 16;
/** Set in a length: every character is one byte, as of nearly all names. */
const plain = 1 << 17;
/** All of ASCII. */
const isPlain = /^[\0-\x7f]*$/;

/** A name in the pool. */
export interface NamePlace {
  readonly at: number;
  /** Its bytes, and whether they are plain; see `NamePool.text`. */
  readonly length: number;
}

/** Names one after the other in pages of memory outside of the heap. */
export class NamePool {
  readonly #pages: Buffer[] = [];
  #used = pageSize;
  /** Places that are free again, by their length. */
  readonly #free = new Map<number, number[]>();
  #bytes = 0;

  /** Bytes of all names in it. */
  get bytes(): number {
    return this.#bytes;
  }

  add(name: string): NamePlace {
    if (!isPlain.test(name)) return this.#addBytes(encodeBytes(name));
    const { length } = name;
    const at = this.#placeFor(length);
    const page = this.#page(at);
    const from = at % pageSize;
    // Faster than a call for each, as names are short.
    for (let index = 0; index < length; index += 1) page[from + index] = name.charCodeAt(index);
    return { at, length: length | plain };
  }

  text(at: number, length: number): string {
    const from = at % pageSize;
    if (length & plain) return this.#page(at).toString("latin1", from, from + (length & ~plain));
    return decodeBytes(this.#page(at).subarray(from, from + length));
  }

  /** Whether this is the text there: faster than to ask for it. */
  is(at: number, length: number, name: string): boolean {
    if ((length & plain) === 0) return this.text(at, length) === name;
    if ((length & ~plain) !== name.length) return false;
    const page = this.#page(at);
    const from = at % pageSize;
    for (let index = 0; index < name.length; index += 1) {
      if (page[from + index] !== name.charCodeAt(index)) return false;
    }
    return true;
  }

  remove(at: number, length: number): void {
    const count = length & ~plain;
    this.#bytes -= count;
    const free = this.#free.get(count);
    if (free) free.push(at);
    else this.#free.set(count, [at]);
  }

  #addBytes(encoded: Buffer): NamePlace {
    const { length } = encoded;
    const at = this.#placeFor(length);
    encoded.copy(this.#page(at), at % pageSize);
    return { at, length };
  }

  #placeFor(length: number): number {
    if (length > pageSize) throw new RangeError("a name is too long");
    this.#bytes += length;
    return this.#free.get(length)?.pop() ?? this.#append(length);
  }

  #append(length: number): number {
    if (this.#used + length > pageSize) {
      this.#pages.push(Buffer.alloc(pageSize));
      this.#used = 0;
    }
    const at = (this.#pages.length - 1) * pageSize + this.#used;
    this.#used += length;
    return at;
  }

  #page(at: number): Buffer {
    return this.#pages[Math.floor(at / pageSize)] as Buffer;
  }
}
