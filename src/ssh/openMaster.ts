import { join } from "node:path";
import { Failure } from "../common/failure.js";
import type { At, SshFailure } from "./failures.js";
import { startHeldSsh } from "./heldSsh.js";
import type { HeldMaster } from "./opensshConnection.js";
import { hostKeyVerdict, writeOpensshFiles } from "./opensshFiles.js";
import type { OpensshHost } from "./opensshWay.js";
import { makePrivateFolder } from "./privateFolder.js";
import { destinationOptions, type SshProgram } from "./sshProgram.js";

export type MasterStart =
  | { readonly kind: "open"; readonly master: HeldMaster }
  /** `said` is the end of what ssh wrote. */
  | { readonly kind: "refused"; readonly said: string };

/** Milliseconds to log in: a security key waits to be touched. sshd itself gives up after two minutes. */
const loginLimit = 130_000;

/**
 * Logs in with the system's ssh, which then holds the connection for as long as we live.
 * @param hosts the way; every key on it must have been verified.
 * @throws Failure `openssh-host-key-refused`, or Cancelled.
 */
export async function openMaster(
  program: SshProgram,
  hosts: readonly OpensshHost[],
  at: At,
  signal: AbortSignal | undefined,
): Promise<MasterStart> {
  const folder = await makePrivateFolder();
  try {
    const { target } = hosts.at(-1) as OpensshHost;
    const configuration = await writeOpensshFiles(hosts, folder.path, program);
    const controlPath = join(folder.path, "m");
    const start =
      configuration === undefined
        ? ({ kind: "ended", said: "a path cannot be written into a configuration" } as const)
        : await startHeldSsh(
            program.command,
            [
              ...["-T", "-M", "-S", controlPath, "-F", configuration],
              // The configuration's own forwards: no other ssh of the person's must lose its ports.
              ...["-o", "ClearAllForwardings=yes"],
              ...destinationOptions(target),
              ...["--", target.host, "exec cat"],
            ],
            { environment: program.environment, signal, startLimit: loginLimit, folder: folder.path },
          );
    if (start.kind === "running") {
      return { kind: "open", master: { ssh: start.ssh, program, controlPath, folder } };
    }
    if (hostKeyVerdict.test(start.said)) {
      throw new Failure<SshFailure>({ code: "openssh-host-key-refused", output: start.said, ...at });
    }
    await folder.dispose();
    return { kind: "refused", said: start.said };
  } catch (error) {
    await folder.dispose();
    throw error;
  }
}
