import { readdir } from "node:fs/promises";
import { dirname, isAbsolute, join, normalize } from "node:path";
import type * as libraryModule from "ssh-config";
import { readFileIfPresent } from "../../common/files/sharedFile.js";

/** Maximum depth of `Include`: a file may include itself. */
const deepestInclude = 8;

type Library = typeof libraryModule;

/**
 * The host names that `~/.ssh/config` and what it includes spell out, in order. Patterns are no hosts, nor is a name that
 * its own line excludes. A file that cannot be read, or a line that makes no sense, is passed over.
 * @param home the local home folder.
 * @param file the user's configuration file; default: the one in the home folder.
 */
export async function listHostAliases(home: string, file?: string): Promise<string[]> {
  const library = await import("ssh-config");
  const folder = join(home, ".ssh");
  const aliasesIn = async (file: string, depth: number): Promise<string[]> => {
    if (depth > deepestInclude) return [];
    const bytes = await readFileIfPresent(file).catch(() => undefined);
    const found: string[] = [];
    for (const line of bytes?.toString("utf8").split(/\r?\n/) ?? []) {
      const { keyword, words } = readLine(line, library);
      if (keyword === "host") found.push(...words.filter((word) => isAlias(word, words, library)));
      if (keyword !== "include") continue;
      for (const pattern of words) {
        for (const included of await expandGlob(absolute(pattern, folder, home))) {
          found.push(...(await aliasesIn(included, depth + 1)));
        }
      }
    }
    return found;
  };
  return [...new Set(await aliasesIn(file ?? join(folder, "config"), 0))];
}

/** The words of a `Host` or `Include` line, without quotation marks and comments; none of any other line. */
function readLine(
  line: string,
  { default: SSHConfig }: Library,
): { readonly keyword: string; readonly words: readonly string[] } {
  const [, keyword = "", rest = ""] = /^\s*(host|include)(?=[\s="])(.*)$/i.exec(line) ?? [];
  if (keyword === "") return { keyword, words: [] };
  try {
    // The library splits the values of `Host` alone; both are split by the same rules.
    const [directive] = SSHConfig.parse(`Host ${rest.replace(/^\s*=/, "")}`);
    const value = directive && "value" in directive ? directive.value : [];
    const words = typeof value === "string" ? [value] : value.map(({ val }) => val);
    const comment = words.findIndex((word) => word.startsWith("#"));
    return { keyword: keyword.toLowerCase(), words: comment < 0 ? words : words.slice(0, comment) };
  } catch {
    return { keyword: "", words: [] };
  }
}

function isAlias(word: string, patterns: readonly string[], { glob }: Library): boolean {
  return !/[*?!]/.test(word) && glob([...patterns], word);
}

function absolute(path: string, folder: string, home: string): string {
  if (path.startsWith("~/")) return join(home, path.slice(2));
  return isAbsolute(path) ? path : join(folder, path);
}

/** The files that a pattern names, in the order of their names; `*` and `?` may stand in every part of it. */
async function expandGlob(pattern: string): Promise<string[]> {
  const path = normalize(pattern);
  if (!/[*?]/.test(path)) return [path];
  const folder = dirname(path);
  const expression = expressionOf(path.slice(folder.length).replace(/^[\\/]/, ""));
  const found: string[] = [];
  for (const parent of await expandGlob(folder)) {
    const entries = await readdir(parent).catch(() => []);
    const matching = entries.filter((entry) => expression.test(entry)).sort();
    found.push(...matching.map((entry) => join(parent, entry)));
  }
  return found;
}

/** As glob(7): what begins with a dot is named only by what does too. */
function expressionOf(name: string): RegExp {
  const source = name
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(name.startsWith(".") ? `^${source}$` : `^(?!\\.)${source}$`, "s");
}
