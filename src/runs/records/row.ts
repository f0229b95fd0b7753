import type { Run } from "../../sync/runIndex/runs.js";
import type { ColumnGroup, RunValue } from "../runTable.js";
import type { EventState } from "./eventFile.js";
import { figureCount, type GrowingFigures } from "./figures.js";
import { Texts } from "./texts.js";

/** The data of one run in compact form. Immutable: a changed run gets a new row. */
export interface Row {
  readonly run: Run;
  /** Identifies the state of its small files. */
  readonly key: string;
  readonly values: PackedValues;
  readonly metrics: PackedFigures | undefined;
  /** How far its events were read; undefined if they are not here. */
  readonly events: ReadMark | undefined;
  /** Number of values of its small files that did not fit. */
  readonly leftOut: number;
  /** When it last wrote a value: seconds since the epoch by the host's clock. */
  readonly writtenAt: number | undefined;
}

export interface ReadMark extends EventState {
  /** The state of the file at that time, according to the manifest. */
  readonly stamp: string;
  /** Number of values of metrics that did not fit; undefined in a file of records that does not tell. */
  readonly leftOut?: number | undefined;
}

export type ValueKind = "number" | "text" | "boolean";
const kinds: readonly ValueKind[] = ["number", "text", "boolean"];

/** The names of a run's values, shared by runs with the same names. */
export interface Shape {
  /** Ids of the names, ascending. */
  readonly ids: Int32Array;
  /** For each name, the index in `kinds`. Empty for metrics. */
  readonly kinds: Uint8Array;
}

/** Values of one run: numbers, booleans as 0 or 1, and the ids of texts. */
export interface PackedValues {
  readonly shape: Shape;
  readonly numbers: Float64Array;
}

/** The figures of a run's metrics, `figureCount` numbers each. */
export type PackedFigures = PackedValues;

/** Names, texts and shapes shared by all rows. Append-only: it is replaced when it is full. */
export class Space {
  readonly names: Texts;
  readonly texts: Texts;
  readonly #shapes = new Map<string, Shape>();

  /** @param limits its capacity. */
  constructor(limits: SpaceLimits = usualLimits) {
    this.names = new Texts(limits.names, limits.nameCharacters);
    this.texts = new Texts(Infinity, limits.textCharacters);
  }

  /** Whether something did not fit. */
  get isFull(): boolean {
    return this.names.isFull || this.texts.isFull;
  }

  /** Packs values, and counts those that do not fit. */
  pack(values: Iterable<readonly [group: ColumnGroup, name: string, value: RunValue]>): {
    readonly packed: PackedValues;
    readonly leftOut: number;
  } {
    const found: { readonly id: number; readonly kind: number; readonly number: number }[] = [];
    let leftOut = 0;
    for (const [group, name, value] of values) {
      const number = typeof value === "string" ? this.texts.idOf(value) : Number(value);
      const id = number === undefined ? undefined : this.names.idOf(`${group}.${name}`);
      if (id === undefined || number === undefined) leftOut += 1;
      else found.push({ id, kind: kinds.indexOf(kindOf(value)), number });
    }
    found.sort((one, other) => one.id - other.id);
    const shape = this.shapeOf(
      Int32Array.from(found, ({ id }) => id),
      Uint8Array.from(found, ({ kind }) => kind),
    );
    return { packed: { shape, numbers: Float64Array.from(found, ({ number }) => number) }, leftOut };
  }

  /** Packs figures, and counts the metrics that do not fit. */
  packFigures({ metrics }: GrowingFigures): { readonly packed: PackedFigures; readonly leftOut: number } {
    const found: { readonly id: number; readonly figures: Float64Array }[] = [];
    let leftOut = 0;
    for (const [name, figures] of metrics) {
      const id = this.names.idOf(`metric.${name}`);
      if (id === undefined) leftOut += 1;
      else found.push({ id, figures });
    }
    found.sort((one, other) => one.id - other.id);
    const numbers = new Float64Array(found.length * figureCount);
    found.forEach(({ figures }, index) => numbers.set(figures, index * figureCount));
    const ids = Int32Array.from(found, ({ id }) => id);
    return { packed: { shape: this.shapeOf(ids, new Uint8Array()), numbers }, leftOut };
  }

  /** Unpacks figures for an update. */
  unpackFigures({ shape, numbers }: PackedFigures): Map<string, Float64Array> {
    return new Map(
      Array.from(shape.ids, (id, index) => [
        nameIn(this.names.textAt(id)).name,
        numbers.slice(index * figureCount, (index + 1) * figureCount),
      ]),
    );
  }

  valueAt({ shape, numbers }: PackedValues, place: number): RunValue {
    const number = numbers[place] ?? Number.NaN;
    const kind = kindAt(shape, place);
    return kind === "text" ? this.texts.textAt(number) : kind === "boolean" ? number === 1 : number;
  }

  /** Returns the same object for the same names and kinds. */
  shapeOf(ids: Int32Array, kindsOfIds: Uint8Array): Shape {
    const key = `${latin1(ids)}${latin1(kindsOfIds)}`;
    let shape = this.#shapes.get(key);
    if (!shape) this.#shapes.set(key, (shape = { ids, kinds: kindsOfIds }));
    return shape;
  }
}

export interface SpaceLimits {
  readonly names: number;
  readonly nameCharacters: number;
  readonly textCharacters: number;
}

const usualLimits: SpaceLimits = {
  names: 20_000,
  nameCharacters: 4 * 1024 * 1024,
  textCharacters: 16 * 1024 * 1024,
};

/** Splits a name in the space. */
export function nameIn(text: string): { readonly group: ColumnGroup; readonly name: string } {
  const end = text.indexOf(".");
  return { group: text.slice(0, end) as ColumnGroup, name: text.slice(end + 1) };
}

export function kindAt({ kinds: all }: Shape, place: number): ValueKind {
  return kinds[all[place] ?? 0] ?? "number";
}

/** Index of a name in a shape; -1 if missing. */
export function placeIn({ ids }: Shape, id: number): number {
  let [low, high] = [0, ids.length - 1];
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = ids[middle] ?? 0;
    if (found === id) return middle;
    if (found < id) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

function kindOf(value: RunValue): ValueKind {
  if (typeof value === "string") return "text";
  return typeof value === "boolean" ? "boolean" : "number";
}

function latin1({ buffer, byteOffset, byteLength }: Int32Array | Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("latin1");
}
