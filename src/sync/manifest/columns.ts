import type { Stamp } from "../remote/remoteFiles.js";
import type { LocalIdentity } from "./localIdentity.js";

type Numbers = Uint16Array | Uint32Array | Float64Array;

/** Values of one page, a power of two. Nothing is copied as a column grows: what is let go of is not given back at once. */
const pageSize = 2_048;
const pageBits = Math.log2(pageSize);

/** Numbers of one kind by place, outside of the heap; 0 where none was set. */
export class Column<A extends Numbers> {
  readonly #pages: (A | undefined)[] = [];
  readonly #make: (length: number) => A;

  /** @param make an array of zeros. */
  constructor(make: (length: number) => A) {
    this.#make = make;
  }

  get(place: number): number {
    return this.#pages[place >>> pageBits]?.[place & (pageSize - 1)] ?? 0;
  }

  set(place: number, value: number): void {
    const index = place >>> pageBits;
    while (this.#pages.length < index) this.#pages.push(undefined);
    const page = (this.#pages[index] ??= this.#make(pageSize));
    page[place & (pageSize - 1)] = value;
  }
}

/** One more than the highest number of 32 bits. */
const two32 = 2 ** 32;
/** So many digits are exact as a number. */
const exactDigits = 15;

/** The same for whole numbers of 64 bits, as text in decimal digits. Few need a `BigInt`, which takes longer. */
class BigColumn {
  /** Two for each place: the low 32 bits, then the high ones. */
  readonly #halves = new Column(integers);
  readonly #asOwn: (bits: bigint) => bigint;

  /** @param asOwn the number that 64 bits stand for. */
  constructor(asOwn: (bits: bigint) => bigint) {
    this.#asOwn = asOwn;
  }

  get(place: number): string {
    const [low, high] = [this.#halves.get(2 * place), this.#halves.get(2 * place + 1)];
    if (high < two32 / 2048) return String(high * two32 + low);
    return String(this.#asOwn((BigInt(high) << 32n) | BigInt(low)));
  }

  set(place: number, value: string): void {
    const [low, high] = halvesOf(value);
    // The higher place first: room is made once.
    this.#halves.set(2 * place + 1, high);
    this.#halves.set(2 * place, low);
  }
}

/** The low 32 bits of a number of 64, and the high ones. */
function halvesOf(value: string): readonly [number, number] {
  if (value.length <= exactDigits && value.charCodeAt(0) !== minus) {
    const exact = digitsIn(value, 0, value.length);
    return [exact % two32, Math.floor(exact / two32)];
  }
  const bits = BigInt.asUintN(64, BigInt(value));
  return [Number(bits & 0xffffffffn), Number(bits >> 32n)];
}

const minus = 45;
const zero = 48;

/** The number that these digits of a text are. Faster than to cut them out. */
function digitsIn(text: string, from: number, end: number): number {
  let value = 0;
  for (let index = from; index < end; index += 1) value = 10 * value + text.charCodeAt(index) - zero;
  return value;
}

const unsigned = (bits: bigint): bigint => bits;
const signed = (bits: bigint): bigint => BigInt.asIntN(64, bits);

const shorts = (length: number): Uint16Array => new Uint16Array(length);
export const integers = (length: number): Uint32Array => new Uint32Array(length);
const doubles = (length: number): Float64Array => new Float64Array(length);

/** Stamps by place. */
export class StampColumns {
  readonly #size = new Column(doubles);
  readonly #mtime = new TimeColumn();
  readonly #ctime = new TimeColumn();
  readonly #inode = new BigColumn(unsigned);
  readonly #mode = new Column(shorts);

  get(place: number): Stamp {
    return {
      size: this.#size.get(place),
      mtime: this.#mtime.get(place),
      ctime: this.#ctime.get(place),
      inode: this.#inode.get(place),
      mode: this.#mode.get(place),
    };
  }

  sizeAt(place: number): number {
    return this.#size.get(place);
  }

  /** Whether it is this one, but for the mode. @param stamp as `stampOf` makes them. */
  isSame(place: number, { size, mtime, ctime, inode }: Stamp): boolean {
    return (
      this.#size.get(place) === size &&
      this.#mtime.is(place, mtime) &&
      this.#ctime.is(place, ctime) &&
      this.#inode.get(place) === inode
    );
  }

  /** @param stamp as `stampOf` makes them. */
  set(place: number, { size, mtime, ctime, inode, mode }: Stamp): void {
    this.#size.set(place, size);
    this.#mtime.set(place, mtime);
    this.#ctime.set(place, ctime);
    this.#inode.set(place, inode);
    this.#mode.set(place, mode);
  }
}

/** Seconds with nine decimals by place. */
class TimeColumn {
  readonly #seconds = new Column(doubles);
  readonly #nanoseconds = new Column(integers);

  get(place: number): string {
    const seconds = this.#seconds.get(place);
    const whole = Object.is(seconds, -0) ? "-0" : String(seconds);
    return `${whole}.${String(this.#nanoseconds.get(place)).padStart(9, "0")}`;
  }

  set(place: number, time: string): void {
    this.#seconds.set(place, secondsIn(time));
    this.#nanoseconds.set(place, nanosecondsIn(time));
  }

  is(place: number, time: string): boolean {
    const isSameSecond = Object.is(this.#seconds.get(place), secondsIn(time));
    return isSameSecond && this.#nanoseconds.get(place) === nanosecondsIn(time);
  }
}

/** Decimals of a second. */
const decimals = 9;

/** Those before the epoch keep their sign, -0 too. */
function secondsIn(time: string): number {
  const end = time.length - decimals - 1;
  return time.charCodeAt(0) === minus ? -digitsIn(time, 1, end) : digitsIn(time, 0, end);
}

function nanosecondsIn(time: string): number {
  return digitsIn(time, time.length - decimals, time.length);
}

/** A time that is not known. */
const unknown = "0";

/** What files of the copy were when they were written, by place; `isShared` is kept elsewhere. */
export class IdentityColumns {
  readonly #size = new Column(doubles);
  readonly #mtime = new BigColumn(signed);
  readonly #inode = new BigColumn(unsigned);
  /** "0" where it is not known. */
  readonly #ctime = new BigColumn(signed);

  get(place: number): LocalIdentity {
    const ctime = this.#ctime.get(place);
    return {
      size: this.#size.get(place),
      mtime: this.#mtime.get(place),
      inode: this.#inode.get(place),
      ...(ctime !== unknown && { ctime }),
    };
  }

  /** Whether the same is known of both, and nothing differs. */
  isSame(place: number, { size, mtime, inode, ctime = unknown }: LocalIdentity): boolean {
    return (
      this.#size.get(place) === size &&
      this.#mtime.get(place) === mtime &&
      this.#inode.get(place) === inode &&
      this.#ctime.get(place) === ctime
    );
  }

  set(place: number, { size, mtime, inode, ctime = unknown }: LocalIdentity): void {
    this.#size.set(place, size);
    this.#mtime.set(place, mtime);
    this.#inode.set(place, inode);
    this.#ctime.set(place, ctime);
  }
}
