import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ensureProgram } from "../support/packages.js";
import type { Sshd } from "../support/sshd.js";
import { type Figures, pace } from "./pace.js";

const run = promisify(execFile);

/** What runs commands by a program `ssh` for each of them. */
export interface SshRunner {
  readonly hosts: readonly Sshd[];
  /** Holds the keys of all of them. */
  readonly knownHosts: string;
  readonly commands: number;
  readonly atOnce: number;
}

/** With everything that ssh has to be told, so that it neither reads a configuration nor tries other keys. */
export function withSsh(runner: SshRunner, more: readonly string[] = []): Promise<Figures> {
  const { hosts, commands, atOnce } = runner;
  const ssh = ensureProgram("ssh", "openssh-client");
  return pace(commands, atOnce, async (index) => {
    const host = hosts[index % hosts.length] as Sshd;
    const { stdout } = await run(ssh, [...sshArguments(runner, host, more), `echo ${index}`]);
    expectAnswer(stdout, index);
  });
}

/**
 * What somebody does who knows ssh well: a program for each command still, but one connection for each host.
 * @param folder for its sockets.
 * @param warm whether the connections are open already when the clock starts.
 */
export async function withSharedSsh(runner: SshRunner, folder: string, warm = false): Promise<Figures> {
  const shared = ["ControlMaster=auto", `ControlPath=${folder}/%p`, "ControlPersist=yes"];
  if (warm) await withSsh({ ...runner, commands: runner.hosts.length }, shared);
  const figures = await withSsh(runner, shared);
  const ssh = ensureProgram("ssh", "openssh-client");
  for (const host of runner.hosts) await run(ssh, ["-O", "exit", ...sshArguments(runner, host, shared)]);
  return figures;
}

function sshArguments(
  { knownHosts }: SshRunner,
  { host, port, user, identityFile }: Sshd,
  more: readonly string[],
): string[] {
  const options = [
    "BatchMode=yes",
    "IdentitiesOnly=yes",
    "LogLevel=ERROR",
    `UserKnownHostsFile=${knownHosts}`,
    ...more,
  ];
  const flags = ["-F", "none", "-i", identityFile, "-p", String(port), "-l", user];
  return [...flags, ...options.flatMap((option) => ["-o", option]), host];
}

/** @throws Error where this is not what `echo INDEX` prints. */
export function expectAnswer(stdout: string, index: number): void {
  if (stdout !== `${index}\n`) throw new Error(`command ${index} answered ${JSON.stringify(stdout)}`);
}
