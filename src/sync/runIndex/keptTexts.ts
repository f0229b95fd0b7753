/*
 * What is kept of the texts in the small files of runs: whatever a host sends, all of it together fits into memory. Strings
 * are made anew: a part of a text keeps all of it in memory.
 */

/** Characters of a name, and of all tags of a run. */
const longestText = 1_000;
/** Characters of the summary of a run, as JSON. */
const longestSummary = 64 * 1024;
/** Characters of a text of a run for which there is no more room. */
export const shortText = 100;

/** A text of a run, or its beginning; undefined where there is none. */
export function keptText(value: unknown, longest = longestText): string | undefined {
  if (typeof value !== "string" || value === "") return undefined;
  return value.length <= longest ? value : (JSON.parse(JSON.stringify(value.slice(0, longest))) as string);
}

/** Whether texts are kept as they are. */
export function areShort(values: readonly unknown[]): boolean {
  return values.every((value) => typeof value !== "string" || value.length <= longestText);
}

export function keptTags(tags: readonly unknown[]): string[] {
  const kept: string[] = [];
  let left = longestText;
  for (const tag of tags) {
    const text = keptText(tag);
    if (text === undefined) continue;
    left -= text.length;
    if (left < 0) break;
    kept.push(text);
  }
  return kept;
}

/** As much of a summary as may be kept, as JSON; what alone is too long is left out, and what is behind it is not. */
export function keptSummary(summary: Readonly<Record<string, unknown>>): {
  readonly text: string;
  readonly isWhole: boolean;
} {
  const parts: string[] = [];
  let [left, isWhole] = [longestSummary, true];
  for (const name in summary) {
    const part = `${JSON.stringify(name)}:${JSON.stringify(summary[name])}`;
    if (part.length >= left) isWhole = false;
    else {
      parts.push(part);
      left -= part.length + 1;
    }
  }
  return { text: `{${parts.join(",")}}`, isWhole };
}

/** Characters that the texts of all runs of a root may have. */
const mostText = 16 * 1024 * 1024;

/** Shares the room for texts among the runs of a root: who comes first has it. */
export class TextRoom {
  readonly #taken = new Map<string, number>();
  #left: number;

  constructor(characters = mostText) {
    this.#left = characters;
  }

  /** Whether there is room for so many characters; then it is taken. @param owner has what it had before no longer. */
  take(owner: string, characters: number): boolean {
    this.leave(owner);
    if (characters > this.#left) return false;
    this.#left -= characters;
    this.#taken.set(owner, characters);
    return true;
  }

  leave(owner: string): void {
    this.#left += this.#taken.get(owner) ?? 0;
    this.#taken.delete(owner);
  }
}
