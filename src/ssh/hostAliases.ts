import { readdir } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { readFileIfPresent } from "../common/sharedFile.js";

/** How deep `Include` is followed: a file that includes itself must not hang us. */
const deepestInclude = 8;

/**
 * The host names that `~/.ssh/config` and what it includes spell out, in order. Patterns are no hosts. A file that
 * cannot be read, or a line that makes no sense, is passed over.
 * @param home the local home folder.
 */
export async function listHostAliases(home: string): Promise<string[]> {
  const folder = join(home, ".ssh");
  return [...new Set(await aliasesIn(join(folder, "config"), folder, home, 0))];
}

async function aliasesIn(file: string, folder: string, home: string, depth: number): Promise<string[]> {
  if (depth > deepestInclude) return [];
  const bytes = await readFileIfPresent(file).catch(() => undefined);
  const found: string[] = [];
  for (const line of bytes?.toString("utf8").split(/\r?\n/) ?? []) {
    const [, keyword = "", rest = ""] = /^\s*(\w+)(?:\s*=\s*|\s+)(.*)$/.exec(line) ?? [];
    const words = wordsOf(rest);
    if (keyword.toLowerCase() === "host") found.push(...words.filter((word) => !/[*?!]/.test(word)));
    if (keyword.toLowerCase() !== "include") continue;
    for (const word of words) {
      for (const included of await expandGlob(absolute(word, folder, home))) {
        found.push(...(await aliasesIn(included, folder, home, depth + 1)));
      }
    }
  }
  return found;
}

function wordsOf(text: string): string[] {
  const words = [...text.matchAll(/"([^"]*)"|([^\s"]+)/g)].map((match) => match[1] ?? match[2] ?? "");
  const comment = words.findIndex((word) => word.startsWith("#"));
  return comment < 0 ? words : words.slice(0, comment);
}

function absolute(path: string, folder: string, home: string): string {
  if (path.startsWith("~/")) return join(home, path.slice(2));
  return isAbsolute(path) ? path : join(folder, path);
}

/** The files that a pattern names; only its last part may hold `*` and `?`. */
async function expandGlob(pattern: string): Promise<string[]> {
  const name = pattern.slice(dirname(pattern).length + 1);
  if (!/[*?]/.test(name)) return [pattern];
  const source = name
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  const entries = await readdir(dirname(pattern)).catch(() => []);
  return entries
    .filter((entry) => new RegExp(`^${source}$`).test(entry))
    .sort()
    .map((entry) => join(dirname(pattern), entry));
}
