import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * The commands of the extension that were run in the windows of a VS Code, by its log, in their order: ids, followed by " on an
 * item" where an item of a view was given to it.
 * @param folder of `startVsCode`.
 */
export async function commandsRun(folder: string): Promise<readonly string[]> {
  const logs = join(folder, "user-data", "logs");
  const files = (await readdir(logs, { recursive: true })).filter((file) =>
    /Runicorn Remote\.log$/.test(file),
  );
  const texts = await Promise.all(files.map((file) => readFile(join(logs, file), "utf8")));
  const lines = texts.flatMap((text) => [...text.matchAll(/^(.+) \[info\] command (runicorn\..*)$/gm)]);
  // Each window that is opened anew writes another file, and the files come in no order.
  return lines.sort(([, one = ""], [, other = ""]) => (one < other ? -1 : 1)).map(([, , id = ""]) => id);
}

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string }[];
  };
}

/** Reads which of {@link commandsRun} are of commands whose English title holds this text. */
export function runsOf(
  text: string,
  read: () => Promise<readonly string[]>,
): () => Promise<readonly string[]> {
  const ids = commandsCalled(text);
  return async () => (await read()).filter((line) => ids.has(line.split(" ")[0] ?? ""));
}

function commandsCalled(text: string): ReadonlySet<string> {
  const read = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));
  const { commands } = (read("package.json") as Manifest).contributes;
  const texts = read("package.nls.json") as Readonly<Record<string, string>>;
  const called = commands.filter(({ title }) => (texts[title.slice(1, -1)] ?? title).includes(text));
  return new Set(called.map(({ command }) => command));
}
