import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { opensshFiles, type OpensshHost } from "./opensshWay.js";
import type { SshProgram } from "./sshProgram.js";

/** What ssh says when it does not trust a host, or could not ask about it. */
export const hostKeyVerdict =
  /host key verification failed|host identification has changed|host key is known|revoked/i;

/**
 * Writes the configuration for `ssh -F`, and what it names, into a folder for us alone.
 * @param mayAsk whether ssh may ask about keys that it finds by itself.
 * @returns its path, or undefined where a path holds what no configuration file can say.
 */
export async function writeOpensshFiles(
  hosts: readonly OpensshHost[],
  folder: string,
  program: SshProgram,
  mayAsk = false,
): Promise<string | undefined> {
  const files = opensshFiles(hosts, folder, await program.configurationFiles(), mayAsk);
  if (!files) return undefined;
  for (const [name, text] of files.publicKeys) await writeFile(join(folder, name), text, { mode: 0o600 });
  const configuration = join(folder, "config");
  await writeFile(configuration, files.configuration, { mode: 0o600 });
  return configuration;
}
