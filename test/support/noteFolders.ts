import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, relative } from "node:path";
import { expect } from "vitest";
import { noteFolder } from "./notedFolders.js";

// For `setupFiles`: notes the temporary folders that tests make, except the product's, which removes its own.
const world = globalThis as { areFoldersNoted?: boolean };
if (!world.areFoldersNoted) noteAll();
world.areFoldersNoted = true;

function noteAll(): void {
  const note = (path: string): string => {
    const isOfTests = dirname(path) === tmpdir() && !basename(path).startsWith("runicorn-");
    if (isOfTests) noteFolder(path, relative("", expect.getState().testPath ?? ""));
    return path;
  };
  const { mkdtempSync, promises } = fs;
  const { mkdtemp } = promises;
  fs.mkdtempSync = ((...args: Parameters<typeof mkdtempSync>) =>
    note(mkdtempSync(...args))) as typeof mkdtempSync;
  promises.mkdtemp = (async (...args: Parameters<typeof mkdtemp>) =>
    note(await mkdtemp(...args))) as typeof mkdtemp;
  // For those that import them by name.
  syncBuiltinESMExports();
}
