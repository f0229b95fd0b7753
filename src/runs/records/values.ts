import { notANumber } from "../../common/text/pythonJson.js";
import type { RunValue } from "../runTable.js";

/** What is kept of an object at most. */
export interface ValueLimits {
  readonly values: number;
  /** Characters of one text; of a longer one its beginning is kept. */
  readonly text: number;
}

/** Objects within objects; what lies deeper is told as JSON. */
const deepest = 16;
/** Characters of a name: what is called by a longer one is left out. */
const longestName = 500;

/** The values of an object by their names, and how many more it has. */
export class FlatValues {
  readonly values = new Map<string, RunValue>();
  leftOut = 0;
  readonly #limits: ValueLimits;

  constructor(limits: ValueLimits) {
    this.#limits = limits;
  }

  /** Adds what is in an object: names of those within are joined with a full stop, lists are JSON. Null is no value. */
  addAll(told: unknown, prefix = "", depth = 0): void {
    if (!isObject(told)) return;
    for (const key in told) this.add(prefix + key, told[key], depth);
  }

  /** Adds one value. The first with a name counts. */
  add(name: string, told: unknown, depth = 0): void {
    if (isObject(told) && depth < deepest && name.length <= longestName) {
      this.addAll(told, `${name}.`, depth + 1);
      return;
    }
    const value = this.#valueOf(told);
    if (value === undefined || this.values.has(name)) return;
    if (this.values.size >= this.#limits.values || name.length > longestName) this.leftOut += 1;
    else this.values.set(name, value);
  }

  #valueOf(told: unknown): RunValue | undefined {
    if (told === null || told === undefined) return undefined;
    if (told === notANumber) return Number.NaN;
    if (typeof told === "number" || typeof told === "boolean") return told;
    const text = typeof told === "string" ? told : JSON.stringify(told, exactNumbers);
    return text.length <= this.#limits.text ? text : copyOf(text.slice(0, this.#limits.text));
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The text of a file, where there is one. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** What JSON has no number for is told by its name. */
function exactNumbers(_: string, value: unknown): unknown {
  if (value === notANumber) return "NaN";
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

/** A part of a text keeps all of it in memory. */
function copyOf(part: string): string {
  return JSON.parse(JSON.stringify(part)) as string;
}
