import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Environment variable of the processes of one run: the file with the folders that its tests have made. */
const variable = "RUNICORN_NOTED_FOLDERS";

/** Called before the processes of a run are started. */
export function beginNoting(): void {
  process.env[variable] ??= join(mkdtempSync(join(tmpdir(), "noted-")), "folders");
}

/** @param path absolute. @param test the file whose tests made it. */
export function noteFolder(path: string, test: string): void {
  const file = process.env[variable];
  if (file !== undefined) appendFileSync(file, `${path}\t${test}\n`);
}

/**
 * Removes what the tests of this run have left, and nothing else: several runs may be under way. @returns a line for each.
 */
export function removeNoted(): readonly string[] {
  const file = process.env[variable];
  if (file === undefined) return [];
  const noted = existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
  const left = noted.map((line) => line.split("\t")).filter(([path = ""]) => existsSync(path));
  for (const path of [...left.map(([path = ""]) => path), join(file, "..")])
    rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  delete process.env[variable];
  return left.map(([path = "", test = ""]) => `${path} (${test})`);
}
