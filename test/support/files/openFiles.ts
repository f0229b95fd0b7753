import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { rename, rm, unlink } from "node:fs/promises";
import type { FileCalls } from "../../../src/common/files/replaceFile.js";

/*
 * Windows does not replace or remove a file while a program has it open that does not share it for that, which hardly any
 * does. Where the system is not like that, whoever opens the file of the test says so by a file in a folder, and whoever
 * would replace it looks there first.
 */

/** Says that this process has the file open, until the result is called. */
export function sayOpen(folder: string): () => void {
  const mark = `${folder}/${process.pid}`;
  writeFileSync(mark, "");
  return () => rmSync(mark, { force: true });
}

/** Calls that refuse with EPERM, as Windows does, while anybody says that the file is open. */
export function refusingCalls(folder: string): FileCalls & { readonly refused: () => number } {
  let refused = 0;
  const refuseWhileOpen = (): void => {
    if (readdirSync(folder).length === 0) return;
    refused += 1;
    throw Object.assign(new Error("EPERM: operation not permitted"), { code: "EPERM" });
  };
  return {
    refused: () => refused,
    rename: async (from, to) => {
      refuseWhileOpen();
      await rename(from, to);
    },
    unlink,
    rm,
  };
}
