#!/usr/bin/env node
// Looks to @vscode/test-electron like a VS Code executable: it takes the same arguments and ends with the tests' status.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = dirname(fileURLToPath(import.meta.url));
process.argv.splice(2, 0, join(folder, "standIn.ts"));
await import(join(folder, "..", "run-ts.mjs"));
