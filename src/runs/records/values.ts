import { notANumber } from "../../common/text/pythonJson.js";
import type { RunValue } from "../runTable.js";

/** Limits for the values of an object. */
export interface ValueLimits {
  readonly values: number;
  /** Maximum characters of one text; longer ones are truncated. */
  readonly text: number;
}

/** Maximum depth of nested objects; deeper ones become JSON. */
const deepest = 16;
/** Maximum characters of a name; values with longer names are left out. */
const longestName = 500;

/** The values of an object by name, and how many are left out. */
export class FlatValues {
  readonly values = new Map<string, RunValue>();
  leftOut = 0;
  readonly #limits: ValueLimits;

  constructor(limits: ValueLimits) {
    this.#limits = limits;
  }

  /** Adds the values of an object: names of nested objects are joined with a dot, lists become JSON. Ignores null. */
  addAll(raw: unknown, prefix = "", depth = 0): void {
    if (!isObject(raw)) return;
    for (const key in raw) this.add(prefix + key, raw[key], depth);
  }

  /** Adds one value, unless there is one with this name. */
  add(name: string, raw: unknown, depth = 0): void {
    if (isObject(raw) && depth < deepest && name.length <= longestName) {
      this.addAll(raw, `${name}.`, depth + 1);
      return;
    }
    const value = this.#valueOf(raw);
    if (value === undefined || this.values.has(name)) return;
    if (this.values.size >= this.#limits.values || name.length > longestName) this.leftOut += 1;
    else this.values.set(name, value);
  }

  #valueOf(raw: unknown): RunValue | undefined {
    if (raw === null || raw === undefined) return undefined;
    if (raw === notANumber) return Number.NaN;
    if (typeof raw === "number" || typeof raw === "boolean") return raw;
    const text = typeof raw === "string" ? raw : JSON.stringify(raw, exactNumbers);
    return text.length <= this.#limits.text ? text : copyOf(text.slice(0, this.#limits.text));
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value, if it is a string and not empty. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Writes NaN and infinity, which JSON cannot represent, as strings. */
function exactNumbers(_: string, value: unknown): unknown {
  if (value === notANumber) return "NaN";
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

/** Copies a substring, which would keep the whole string in memory. */
function copyOf(part: string): string {
  return JSON.parse(JSON.stringify(part)) as string;
}
