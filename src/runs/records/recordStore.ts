import { createHash } from "node:crypto";
import { join } from "node:path";
import { inTurns } from "../../common/async/inTurns.js";
import { replaceFile } from "../../common/files/replaceFile.js";
import { readFileIfPresent } from "../../common/files/sharedFile.js";
import type { PackedValues, ReadMark, Row, Shape, Space } from "./row.js";
import { figureCount } from "./figures.js";

/*
 * A cache of the rows of a root, beside its copy, which spares reading all files of all runs at every start. Each row
 * has the key of the files that it was read from, and how far its events were read, so that stale rows do no harm.
 * Several processes may write it; the last one wins. The file consists of a line, JSON, and the numbers as they are in
 * memory.
 */

const fileName = "records.bin";
/** Change it with the format. */
const magic = "runicorn-remote records 1";
/** Bytes: a larger file was not written by us. */
const largest = 1024 * 1024 * 1024;
const numberSize = 8;
/** Bytes of the first line, padded with spaces. */
const headSize = 128;
const rowsAtOnce = 1_000;

/** A row without its run. */
export type StoredRow = Omit<Row, "run">;

type PackedRow = readonly [
  folder: string,
  key: string,
  values: number,
  metrics: number,
  events: ReadMark | 0,
  leftOut: number,
  writtenAt: number,
];

/** The JSON before the numbers, with its own numbering of names, texts and shapes. */
interface Head {
  readonly names: readonly string[];
  readonly texts: readonly string[];
  readonly shapes: readonly (readonly [ids: readonly number[], kinds: readonly number[]])[];
  readonly rows: readonly PackedRow[];
}

/** Reads the rows, by folder; none if the file is missing or damaged. @param folder of the copy. */
export async function readRecords(folder: string, space: Space): Promise<ReadonlyMap<string, StoredRow>> {
  try {
    const bytes = await readFileIfPresent(join(folder, fileName));
    const parts = bytes && partsOf(bytes);
    return parts ? await unpackAll(parts, space) : new Map<string, StoredRow>();
  } catch {
    // It is rewritten later.
    return new Map();
  }
}

function partsOf(bytes: Buffer): { readonly head: Head; readonly numbers: Float64Array } | undefined {
  if (bytes.length < headSize || bytes.length > largest) return undefined;
  const line = bytes.toString("latin1", 0, headSize);
  const [, size, sum] = /^runicorn-remote records 1 (\d{1,10}) ([\w+/=]{28}) *\n$/.exec(line) ?? [];
  const end = headSize + Number(size);
  if (sum === undefined || end > bytes.length || end % numberSize !== 0) return undefined;
  if (createHash("sha1").update(bytes.subarray(headSize)).digest("base64") !== sum) return undefined;
  const head = JSON.parse(bytes.toString("utf8", headSize, end)) as Head;
  // A Float64Array must be aligned to 8 bytes.
  const copy = bytes.byteOffset % numberSize === 0 ? bytes : Buffer.from(new Uint8Array(bytes).buffer);
  const count = Math.floor((bytes.length - end) / numberSize);
  return { head, numbers: new Float64Array(copy.buffer, copy.byteOffset + end, count) };
}

/** A shape of the file, and the order of its numbers in the space; undefined if it is the same. */
interface FoundShape {
  readonly shape: Shape;
  readonly order: Int32Array | undefined;
}

async function unpackAll(
  { head, numbers }: { readonly head: Head; readonly numbers: Float64Array },
  space: Space,
): Promise<ReadonlyMap<string, StoredRow>> {
  const names = head.names.map((name) => space.names.idOf(name) ?? -1);
  const texts = Float64Array.from(head.texts, (text) => space.texts.idOf(text) ?? -1);
  // Not all of it fits: read the files instead, as far as there is room.
  if (names.includes(-1) || texts.includes(-1)) return new Map();
  const shapes = head.shapes.map(([ids, kinds]) => shapeIn(space, names, ids, kinds));
  const found = new Map<string, StoredRow>();
  let at = 0;
  const take = (place: number, width: number): PackedValues | undefined => {
    const one = shapes[place];
    if (!one) return undefined;
    const length = one.shape.ids.length * width;
    const values = numbers.subarray(at, (at += length));
    if (values.length < length) throw new RangeError("numbers are missing");
    return { shape: one.shape, numbers: one.order ? reordered(values, one.order, width) : values };
  };
  for await (const some of inTurns(head.rows, rowsAtOnce)) {
    for (const [folder, key, valuesPlace, metricsPlace, events, leftOut, writtenAt] of some) {
      const values = take(valuesPlace, 1);
      const metrics = take(metricsPlace, figureCount);
      if (!values) continue;
      values.shape.kinds.forEach((kind, place) => {
        if (kind === textKind) values.numbers[place] = texts[values.numbers[place] ?? 0] ?? 0;
      });
      found.set(folder, {
        key,
        values,
        metrics,
        events: events === 0 ? undefined : events,
        leftOut,
        writtenAt: writtenAt > 0 ? writtenAt : undefined,
      });
    }
  }
  return found;
}

/** Index of `text` in `kinds` of `row.ts`. */
const textKind = 1;

function shapeIn(
  space: Space,
  names: readonly number[],
  ids: readonly number[],
  kinds: readonly number[],
): FoundShape {
  const own = ids.map((id) => names[id] ?? -1);
  const order = Int32Array.from(own.keys()).sort((one, other) => (own[one] ?? 0) - (own[other] ?? 0));
  const isSame = order.every((place, index) => place === index);
  const kindsInOrder =
    kinds.length > 0 ? Uint8Array.from(order, (place) => kinds[place] ?? 0) : new Uint8Array();
  const shape = space.shapeOf(
    Int32Array.from(order, (place) => own[place] ?? 0),
    kindsInOrder,
  );
  return { shape, order: isSame ? undefined : order };
}

function reordered(numbers: Float64Array, order: Int32Array, width: number): Float64Array {
  const result = new Float64Array(numbers.length);
  order.forEach((from, to) => result.set(numbers.subarray(from * width, (from + 1) * width), to * width));
  return result;
}

/** Writes the rows atomically. */
export async function keepRecords(folder: string, rows: readonly Row[], space: Space): Promise<void> {
  const packing = new Packing(space);
  for await (const some of inTurns(rows, rowsAtOnce)) for (const row of some) packing.add(row);
  const json = Buffer.from(JSON.stringify(packing.head()));
  const rest = (numberSize - (json.length % numberSize)) % numberSize;
  const head = Buffer.concat([json, Buffer.alloc(rest, " ")]);
  const sum = createHash("sha1").update(head);
  for await (const some of inTurns(packing.numbers, rowsAtOnce)) {
    for (const numbers of some) sum.update(bytesOf(numbers));
  }
  const line = `${magic} ${head.length} ${sum.digest("base64")}`;
  await replaceFile(join(folder, fileName), async (file) => {
    await file.writeFile(`${line.padEnd(headSize - 1)}\n`);
    await file.writeFile(head);
    for await (const some of inTurns(packing.numbers, rowsAtOnce)) {
      await file.writeFile(Buffer.concat(some.map(bytesOf)));
    }
  });
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Numbers the names, texts and shapes that rows use, for the file. */
class Packing {
  readonly numbers: Float64Array[] = [];
  readonly #space: Space;
  readonly #names = new Map<number, number>();
  readonly #texts = new Map<number, number>();
  readonly #shapes = new Map<Shape, number>();
  readonly #rows: PackedRow[] = [];

  constructor(space: Space) {
    this.#space = space;
  }

  add({ run, key, values, metrics, events, leftOut, writtenAt }: Row): void {
    const numbers = values.numbers.slice();
    values.shape.kinds.forEach((kind, place) => {
      if (kind === textKind) numbers[place] = placeOf(this.#texts, numbers[place] ?? 0);
    });
    this.numbers.push(numbers);
    if (metrics) this.numbers.push(metrics.numbers);
    const metricsPlace = metrics ? placeOf(this.#shapes, metrics.shape) : -1;
    const valuesPlace = placeOf(this.#shapes, values.shape);
    this.#rows.push([run.folder, key, valuesPlace, metricsPlace, events ?? 0, leftOut, writtenAt ?? 0]);
  }

  head(): Head {
    const shapes = Array.from(this.#shapes.keys(), ({ ids, kinds }) => {
      return [Array.from(ids, (id) => placeOf(this.#names, id)), [...kinds]] as const;
    });
    return {
      names: Array.from(this.#names.keys(), (id) => this.#space.names.textAt(id)),
      texts: Array.from(this.#texts.keys(), (id) => this.#space.texts.textAt(id)),
      shapes,
      rows: this.#rows,
    };
  }
}

function placeOf<T>(places: Map<T, number>, one: T): number {
  const known = places.get(one);
  if (known !== undefined) return known;
  places.set(one, places.size);
  return places.size - 1;
}
