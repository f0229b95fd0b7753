import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureProgram } from "./packages.js";

/** A shell to which modes apply, also where root runs the tests: for `SshdOptions.shell`. @param folder of the server. */
export function ordinaryShell(folder: string): string {
  if (process.getuid?.() !== 0) return "/bin/sh";
  const setpriv = ensureProgram("setpriv", "util-linux");
  const shell = join(folder, "ordinary-shell");
  const without = "--bounding-set -dac_override,-dac_read_search";
  writeFileSync(shell, `#!/bin/sh\nexec ${setpriv} ${without} /bin/sh "$@"\n`, { mode: 0o755 });
  return shell;
}
