import { readFile, writeFile } from "node:fs/promises";

/** A table of a document of ours that a run of a test writes, between the comments `NAME: begin` and `NAME: end`. */
export interface DocumentTable {
  /** The cells of each row below the heading, the first of which names it. */
  read(): Promise<string[][]>;
  /** @param rows the heading, and the rows below it. */
  write(rows: readonly (readonly string[])[]): Promise<void>;
}

export function documentTable(file: string, name: string): DocumentTable {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const parts = async (): Promise<[string, string, string]> => {
    const [before = "", rest] = (await readFile(file, "utf8")).split(begin);
    const [inside, after] = rest?.split(end) ?? [];
    if (inside === undefined || after === undefined) throw new Error(`${file} has no table ${name}`);
    return [before, inside, after];
  };
  return {
    read: async () => {
      const [, inside] = await parts();
      const lines = inside.split("\n").filter((line) => line.startsWith("|"));
      return lines.slice(2).map((line) =>
        line
          .split("|")
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    },
    write: async (rows) => {
      const [before, , after] = await parts();
      await writeFile(file, `${before}${begin}\n\n${written(rows)}\n${end}${after}`);
    },
  };
}

function written([heading = [], ...rows]: readonly (readonly string[])[]): string {
  const widths = heading.map((_, column) =>
    Math.max(...[heading, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |\n`;
  return [heading, widths.map((width) => "-".repeat(width)), ...rows].map(line).join("");
}
