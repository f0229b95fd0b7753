import type { SpawnSyncOptions, SpawnSyncReturns } from "node:child_process";

export const projectFolder: string;
/** Installs the project's own packages when they are missing or out of date; ends the process where that fails. */
export function ensureDependencies(): void;
/** Runs npm, and once more when it does not end within 4 minutes, up to three times. */
export function runNpm(args: readonly string[], options: SpawnSyncOptions): SpawnSyncReturns<string | Buffer>;
