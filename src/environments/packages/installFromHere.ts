import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure, throwIfCancelled } from "../../common/failure.js";
import type { Connection } from "../../ssh/model/connection.js";
import type { PythonEnvironment } from "../environment.js";
import type { EnvironmentFailure } from "../failures.js";
import { findLocalPip, type LocalPip, runLocalPip } from "./localPip.js";
import { downloadArguments, requirementFrom } from "./platformTags.js";
import { type HostPip, openHostPip } from "./hostPip.js";
import { createWheelFolder } from "./wheelFolder.js";

/** Progress of an installation. */
export type InstallProgress =
  | { readonly kind: "fetching" | "installing" }
  /** In bytes. */
  | { readonly kind: "copying"; readonly done: number; readonly all: number };

export interface InstallFromHereOptions {
  readonly signal: AbortSignal;
  /** Called once with the commands that will run here and on the host. Rejects to cancel. */
  readonly confirm: (commands: InstallCommands) => Promise<void>;
  readonly onProgress?: ((progress: InstallProgress) => void) | undefined;
  /** Receives chunks of the output of both pips. */
  readonly onOutput?: ((text: string) => void) | undefined;
  /** Environment variables of pip: PATH, proxy, index. Default: those of this process. */
  readonly environment?: NodeJS.ProcessEnv | undefined;
}

export interface InstallCommands {
  readonly here: string;
  readonly onHost: string;
}

/** Maximum number of rounds: the host reports one missing requirement at a time. */
const mostRounds = 12;
/** Maximum bytes of the packages of all rounds: Runicorn needs a tenth. */
const mostBytes = 1024 ** 3;

/**
 * Installs Runicorn on a host without access to a package index: downloads the wheels for the host's platform here, and
 * copies them there. Removes all temporary files on both sides, also after a failure.
 * @param lines to run on the host before the interpreter.
 * @throws Failure `local-pip-missing`, `packages-not-fetched`, `packages-too-large`, `runicorn-install-failed`, `lines-failed`, or an `SshFailure`;
 * Cancelled.
 */
export async function installFromHere(
  connection: Connection,
  environment: PythonEnvironment,
  lines: readonly string[],
  options: InstallFromHereOptions,
): Promise<void> {
  const { signal, confirm, environment: own = process.env } = options;
  const host = await openHostPip(connection, environment, lines, signal, options.onOutput);
  try {
    const { platform } = host;
    const wanted = ["runicorn", ...(platform.has_pip ? [] : ["pip"])];
    const pip = await withFolder((folder) => findLocalPip(own, folder, signal));
    const here = commandText(
      pip ?? ["python3", "-m", "pip"],
      downloadArguments(platform, "<folder>", wanted),
    );
    if (!pip) throw new Failure<EnvironmentFailure>({ code: "local-pip-missing", command: here });
    throwIfCancelled(signal);
    const onHost = `${environment.python} -m pip install --no-index --find-links <folder> runicorn`;
    await confirm({ here, onHost });
    await withFolder(async (folder) =>
      fetchAndInstall(host, environment, { pip, wanted, folder, own }, options),
    );
  } finally {
    await host.close();
  }
}

interface Fetching {
  readonly pip: LocalPip;
  readonly wanted: readonly string[];
  readonly folder: string;
  readonly own: NodeJS.ProcessEnv;
}

async function fetchAndInstall(
  host: HostPip,
  { name }: PythonEnvironment,
  { pip, wanted, folder, own }: Fetching,
  { signal, onProgress, onOutput }: InstallFromHereOptions,
): Promise<void> {
  const failed = (output: string): Failure<EnvironmentFailure> =>
    new Failure<EnvironmentFailure>({ code: "runicorn-install-failed", environment: name, output });
  const packages = join(folder, "packages");
  const wheels = createWheelFolder(packages, mostBytes);
  let requirements = wanted;
  for (let round = 0; round < mostRounds; round += 1) {
    onProgress?.({ kind: "fetching" });
    await runLocalPip(pip, downloadArguments(host.platform, packages, requirements), {
      environment: own,
      scratch: folder,
      // pip copies each wheel from its temporary folder to the other one.
      mostBytes: 2 * mostBytes,
      signal,
      onOutput: (text) => onOutput?.(text),
    });
    const files = await wheels.added();
    const all = files.reduce((sum, { size }) => sum + size, 0);
    let done = 0;
    await host.send(files, async (file, write) => {
      for await (const piece of createReadStream(join(packages, file))) {
        throwIfCancelled(signal);
        await write(piece as Buffer);
        done += (piece as Buffer).length;
        onProgress?.({ kind: "copying", done, all });
      }
    });
    onProgress?.({ kind: "installing" });
    const answer = await host.answer();
    if (answer.kind === "done") {
      if (answer.code === 0) return;
      throw failed(answer.output);
    }
    // pip evaluates environment markers for the machine that it runs on, so the host may need more packages.
    const missing = requirementFrom(answer.requirement);
    if (missing === undefined || requirements.includes(missing))
      throw failed(`${answer.requirement} is missing`);
    requirements = [...requirements, missing];
  }
  throw failed("too much is missing");
}

/** Runs the work with a temporary folder of mode 0700. */
async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), `runicorn-remote-${randomBytes(4).toString("hex")}-`));
  try {
    await chmod(folder, 0o700);
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Formats the command as a user would type it. */
function commandText(pip: LocalPip, args: readonly string[]): string {
  return [...pip, ...args].join(" ");
}
