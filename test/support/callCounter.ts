import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Programs in front of the system's own that note each call and do what those do. */
export interface CallCounter {
  /** Folder to be put before all others in PATH. */
  readonly folder: string;
  /** The command lines of the calls so far. */
  calls(): Promise<readonly string[]>;
}

/** @param folder is made. @param names of programs. */
export async function countCalls(folder: string, names: readonly string[]): Promise<CallCounter> {
  const log = join(folder, "calls.log");
  await mkdir(folder, { recursive: true });
  await writeFile(log, "");
  for (const name of names) {
    const script = `#!/bin/sh\nprintf '%s\\n' "${name} $*" >>'${log}'\nPATH=\${PATH#'${folder}':} exec ${name} "$@"\n`;
    await writeFile(join(folder, name), script);
    await chmod(join(folder, name), 0o755);
  }
  return {
    folder,
    calls: async () => (await readFile(log, "utf8")).split("\n").filter(Boolean),
  };
}
