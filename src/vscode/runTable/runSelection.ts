import { keyOfName } from "../../runs/runName.js";
import type { RunName } from "../../runs/runName.js";
import type { RunLines } from "../../runs/view/runLines.js";

/** The selected runs. The selection survives sorting and filtering. */
export interface RunSelection {
  readonly size: number;
  readonly names: readonly RunName[];
  has(run: RunName): boolean;
  /**
   * @param how `only` this line; `toggle` it; the `range` from the line selected last; `all` lines; `none`. A line of a
   * group selects its runs.
   */
  select(how: "only" | "toggle" | "range" | "all" | "none", line: number, lines: RunLines): void;
  keepOnly(isThere: (run: RunName) => boolean): void;
}

export function createSelection(): RunSelection {
  const chosen = new Map<string, RunName>();
  let anchor: RunName | undefined;
  const namesAt = (line: number, lines: RunLines): readonly RunName[] => {
    const found = lines.at(line);
    if (!found) return [];
    const rows = found.kind === "run" ? [found.row] : [...found.group.rows];
    return rows.map((row) => lines.table.nameAt(row));
  };
  const add = (names: readonly RunName[]): void => {
    for (const name of names) chosen.set(keyOfName(name), name);
  };
  const range = (to: number, lines: RunLines): void => {
    const row = anchor && lines.table.rowOf(anchor);
    const from = (row === undefined ? undefined : lines.lineOf(row)) ?? to;
    chosen.clear();
    for (let line = Math.min(from, to); line <= Math.max(from, to); line += 1) {
      const found = lines.at(line);
      if (found?.kind === "run") add([lines.table.nameAt(found.row)]);
    }
    anchor ??= namesAt(to, lines)[0];
  };
  return {
    get size() {
      return chosen.size;
    },
    get names() {
      return [...chosen.values()];
    },
    has: (run) => chosen.has(keyOfName(run)),
    select: (how, line, lines) => {
      const names = namesAt(line, lines);
      switch (how) {
        case "none":
          return chosen.clear();
        case "all":
          return add([...lines.rows].map((row) => lines.table.nameAt(row)));
        case "range":
          return range(Math.min(line, lines.count - 1), lines);
        case "only":
          chosen.clear();
          add(names);
          break;
        case "toggle":
          if (names.every((name) => chosen.has(keyOfName(name))))
            names.forEach((name) => chosen.delete(keyOfName(name)));
          else add(names);
      }
      anchor = names[0];
    },
    keepOnly: (isThere) => {
      for (const [key, name] of chosen) if (!isThere(name)) chosen.delete(key);
    },
  };
}
