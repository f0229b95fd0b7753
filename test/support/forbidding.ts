import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Sshd, type SshdOptions, startSshd } from "./sshd.js";

/** What makes a server forward nothing: lines of sshd_config, and options of a key in authorized_keys. */
export interface Restriction {
  readonly name: string;
  readonly config: readonly string[];
  readonly ofKey?: string;
}

/** A server that forwards nothing. */
export async function startForbiddingSshd(
  { config, ofKey }: Restriction,
  options: SshdOptions = {},
): Promise<Sshd> {
  const server = await startSshd({ ...options, config: [...config, ...(options.config ?? [])] });
  if (ofKey !== undefined) {
    const key = await readFile(`${server.identityFile}.pub`, "utf8");
    await writeFile(join(server.folder, "authorized_keys"), `${ofKey} ${key}`);
  }
  return server;
}
