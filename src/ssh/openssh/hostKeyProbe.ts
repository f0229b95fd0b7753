import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { throwIfCancelled } from "../../common/failure.js";
import { readFileIfPresent } from "../../common/files/sharedFile.js";
import { writeOpensshFiles } from "./configuration.js";
import type { OpensshHost } from "../model/opensshRoute.js";
import { makePrivateFolder, systemRefusal } from "./privateFolder.js";
import { destinationOptions, type SshProgram } from "../config/sshProgram.js";

/** Milliseconds for connecting and the key exchange. */
const limit = 20_000;
const script = `[ "$1" = ORDER ] || printf '%s' "$2" >"$3"\n`;

/**
 * Learns the key that a host shows, over the same way as a connection, where only OpenSSH can exchange keys with it. ssh
 * knows no key there and ends before anything is sent, not even the user's name.
 * @param algorithms those that it may show, the preferred first; none: what the person's configuration lets ssh take.
 * @returns the key blob, or what ssh said.
 */
export async function askForHostKey(
  program: SshProgram,
  hosts: readonly OpensshHost[],
  algorithms: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Buffer | string> {
  const start = await makePrivateFolder();
  if (start.kind === "unable") return start.reason;
  const { folder } = start;
  try {
    const configuration = await writeOpensshFiles(hosts, folder.path, program);
    if (configuration === undefined) return "a path cannot be written into a configuration";
    const [tell, key] = ["tell.sh", "host-key"].map((name) => join(folder.path, name)) as [string, string];
    await writeFile(tell, script, { mode: 0o600 });
    const { target } = hosts.at(-1) as OpensshHost;
    const options = [
      "UserKnownHostsFile=/dev/null",
      "GlobalKnownHostsFile=/dev/null",
      ...(algorithms.length === 0 ? [] : [`HostKeyAlgorithms=${algorithms.join(",")}`]),
      `KnownHostsCommand=/bin/sh "${tell}" %I %K "${key}"`,
      "ClearAllForwardings=yes",
      // At ERROR it would not say which algorithm is missing.
      "LogLevel=INFO",
    ].flatMap((option) => ["-o", option]);
    const args = ["-T", "-F", configuration, ...options, ...destinationOptions(target)];
    const said = await run(program, [...args, "--", target.host, "exit"], signal);
    throwIfCancelled(signal);
    const text = (await readFileIfPresent(key))?.toString("latin1");
    return text ? Buffer.from(text, "base64") : said.trim();
  } catch (error) {
    const refusal = systemRefusal(error);
    if (refusal === undefined) throw error;
    return refusal;
  } finally {
    await folder.dispose();
  }
}

/** @returns what it said: it always fails. */
function run(program: SshProgram, args: readonly string[], signal: AbortSignal | undefined): Promise<string> {
  return new Promise((resolve) => {
    execFile(
      program.command,
      args,
      { env: program.environment, timeout: limit, ...(signal && { signal }) },
      (_error, _stdout, stderr) => resolve(stderr || "no answer"),
    );
  });
}
