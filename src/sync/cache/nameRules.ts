import { createHash, randomBytes } from "node:crypto";
import { lstat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeBytes } from "../../common/text/bytes.js";
import { removeFile } from "../../common/files/replaceFile.js";

/** What the file system of this machine can tell apart. */
export interface NameRules {
  /** Names are bytes, and any two differ: Linux. Elsewhere case and Unicode composition do not count. */
  readonly exact: boolean;
  /** Characters, endings and names that Windows refuses are written otherwise. */
  readonly windows: boolean;
}

export function rulesOf(platform: NodeJS.Platform): NameRules {
  return { exact: platform !== "win32" && platform !== "darwin", windows: platform === "win32" };
}

/** The rules where this folder is: Linux has disks of other systems too (exFAT, SMB). */
export async function rulesIn(folder: string): Promise<NameRules> {
  const rules = rulesOf(process.platform);
  if (!rules.exact) return rules;
  const name = `case-${randomBytes(6).toString("hex")}`;
  const probe = join(folder, name);
  try {
    await writeFile(probe, "", { mode: 0o600 });
    const isSame = await lstat(join(folder, name.toUpperCase())).catch(() => undefined);
    return { ...rules, exact: isSame === undefined };
  } finally {
    await removeFile(probe);
  }
}

/** Characters of a name that leave room for a suffix; file systems allow 255 units. */
const longestName = 200;

/**
 * Windows keeps these for devices, whatever ending follows, and counts spaces before the ending as nothing
 * (learn.microsoft.com: Naming Files, Paths, and Namespaces).
 */
const reservedNames = /^(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³]|conin\$|conout\$) *(\.|$)/i;

/**
 * The name, or where the file system does not take it, one that it takes.
 * @param reserved default: what Windows keeps for itself.
 */
export function writable(name: string, { exact, windows }: NameRules, reserved = reservedNames): string {
  if (exact) return name;
  const forbidden = windows ? /[\ud800-\udfff]|[\0-\x1f<>:"|?*\\%\x7f]/g : /[\ud800-\udfff]|[\0%:]/g;
  let result = name.replace(/[\ud800-\udbff][\udc00-\udfff]|[^]/g, (character) =>
    character.length > 1 ? character : character.replace(forbidden, escaped),
  );
  if (windows) result = result.replace(/[. ]$/, escaped);
  if (windows && reserved.test(result)) result = `${escaped(result.charAt(0))}${result.slice(1)}`;
  return result.length > longestName ? withHash(result.slice(0, longestName), name) : result;
}

function escaped(character: string): string {
  return `%${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

/** All of ASCII. */
const isPlain = /^[\0-\x7f]*$/;

/** The same text for two names that any file system takes for one. */
export function folded(name: string): string {
  if (isPlain.test(name)) return name.toLowerCase();
  return name.normalize("NFKD").toUpperCase().toLowerCase().normalize("NFKD");
}

/** The name with a part that tells it from all others: of what, decides. */
export function withHash(name: string, of: string): string {
  const hash = createHash("sha256").update(encodeBytes(of)).digest("hex").slice(0, 12);
  const dot = name.lastIndexOf(".");
  const stem = dot > 0 ? name.slice(0, dot) : name;
  const ending = dot > 0 ? name.slice(dot) : "";
  return `${stem.slice(0, longestName)}~${hash}${ending.slice(0, 20)}`;
}
