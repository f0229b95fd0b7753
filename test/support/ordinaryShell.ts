import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureProgram } from "./packages.js";

/** A shell to which modes apply, also where root runs the tests: for `SshdOptions.shell`. */
export function ordinaryShell(): string {
  if (process.getuid?.() !== 0) return "/bin/sh";
  const setpriv = ensureProgram("setpriv", "util-linux");
  const shell = join(mkdtempSync(join(tmpdir(), "ordinary-shell-")), "sh");
  const without = "--bounding-set -dac_override,-dac_read_search";
  writeFileSync(shell, `#!/bin/sh\nexec ${setpriv} ${without} /bin/sh "$@"\n`, { mode: 0o755 });
  return shell;
}
