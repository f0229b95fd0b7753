import type { Stamp } from "../remote/remoteFiles.js";
import type { LocalIdentity } from "./localIdentity.js";

type Numbers = Uint16Array | Uint32Array | Float64Array;
type BigNumbers = BigInt64Array | BigUint64Array;

/** Room is made for so many times as much: it is copied each time. */
const growth = 1.5;

/** How long an array has to be so that it has this place. */
function roomFor(place: number, length: number): number {
  return Math.max(place + 1, Math.ceil(length * growth), 256);
}

/** Numbers of one kind by place, outside of the heap; 0 where none was set. */
export class Column<A extends Numbers> {
  #values: A;
  readonly #make: (length: number) => A;

  /** @param make an array of zeros. */
  constructor(make: (length: number) => A) {
    this.#make = make;
    this.#values = make(0);
  }

  get(place: number): number {
    return this.#values[place] ?? 0;
  }

  set(place: number, value: number): void {
    if (place >= this.#values.length) {
      const grown = this.#make(roomFor(place, this.#values.length));
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[place] = value;
  }
}

/** The same for whole numbers of 64 bits, as text in decimal digits. */
class BigColumn<A extends BigNumbers> {
  #values: A;
  readonly #make: (length: number) => A;

  constructor(make: (length: number) => A) {
    this.#make = make;
    this.#values = make(0);
  }

  get(place: number): string {
    return String(this.#values[place] ?? 0);
  }

  set(place: number, value: string): void {
    if (place >= this.#values.length) {
      const grown = this.#make(roomFor(place, this.#values.length));
      (grown as BigInt64Array).set(this.#values);
      this.#values = grown;
    }
    this.#values[place] = BigInt(value);
  }
}

const shorts = (length: number): Uint16Array => new Uint16Array(length);
export const integers = (length: number): Uint32Array => new Uint32Array(length);
const doubles = (length: number): Float64Array => new Float64Array(length);

/** Stamps by place. */
export class StampColumns {
  readonly #size = new Column(doubles);
  readonly #mtime = new TimeColumn();
  readonly #ctime = new TimeColumn();
  readonly #inode = new BigColumn((length) => new BigUint64Array(length));
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
    const point = time.indexOf(".");
    this.#seconds.set(place, Number(time.slice(0, point)));
    this.#nanoseconds.set(place, Number(time.slice(point + 1)));
  }
}

/** What files of the copy were when they were written, by place; `isShared` is kept elsewhere. */
export class IdentityColumns {
  readonly #size = new Column(doubles);
  readonly #mtime = new BigColumn((length) => new BigInt64Array(length));
  readonly #inode = new BigColumn((length) => new BigUint64Array(length));

  get(place: number): LocalIdentity {
    return { size: this.#size.get(place), mtime: this.#mtime.get(place), inode: this.#inode.get(place) };
  }

  set(place: number, { size, mtime, inode }: LocalIdentity): void {
    this.#size.set(place, size);
    this.#mtime.set(place, mtime);
    this.#inode.set(place, inode);
  }
}
