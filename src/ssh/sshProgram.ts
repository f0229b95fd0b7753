import { execFile } from "node:child_process";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { readFileIfPresent } from "../common/sharedFile.js";
import type { ConfigValues } from "./hostConfig.js";
import type { Target } from "./target.js";

/** The system's OpenSSH client. */
export interface SshProgram {
  /** As it is started: a path, or a name that the system looks up. */
  readonly command: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Whether it lets a program of ours answer what it asks: SSH_ASKPASS_REQUIRE, OpenSSH 8.4 or newer. */
  asksThroughProgram(): Promise<boolean>;
  /** The user's and the system's configuration files that there are. */
  configurationFiles(): Promise<readonly string[]>;
  /** What `ssh -G` prints for a host. */
  configurationOf(target: Target): Promise<SshAnswer>;
}

export type SshAnswer =
  | { readonly kind: "values"; readonly values: ConfigValues }
  | { readonly kind: "no-program" }
  | { readonly kind: "failed"; readonly said: string };

const run = promisify(execFile);
/** Milliseconds for `ssh -G`; a `Match exec` in the configuration may run anything. */
const patience = 10_000;
/** Characters kept of what ssh says. */
const longestDiagnosis = 500;

export function createSshProgram(source: {
  readonly home: string;
  readonly environment: NodeJS.ProcessEnv;
}): SshProgram {
  const { home } = source;
  const command = source.environment["RUNICORN_SSH_PATH"] || "ssh";
  const environment = { ...source.environment, HOME: home };
  const usersFile = join(home, ".ssh", "config");
  // ssh looks up the home folder by user id, not by $HOME: name the file when they differ.
  const isElsewhere = home !== homedir() || home !== userInfo().homedir;
  const configurationOptions = async (): Promise<string[]> =>
    isElsewhere ? ["-F", (await isPresent(usersFile)) ? usersFile : "none"] : [];
  return {
    command,
    environment,
    asksThroughProgram: async () => {
      const options = { timeout: patience, env: environment, windowsHide: true };
      const { stderr } = await run(command, ["-V"], options).catch(() => ({ stderr: "" }));
      return isAtLeast(stderr, 8, 4);
    },
    configurationFiles: async () => {
      const files = isElsewhere ? [usersFile] : [usersFile, systemFile(environment)];
      const present = await Promise.all(files.map(isPresent));
      return files.filter((_, index) => present[index]);
    },
    configurationOf: async (target) => {
      const options = [...(await configurationOptions()), ...destinationOptions(target)];
      try {
        const { stdout } = await run(command, ["-G", ...options, "--", target.host], {
          timeout: patience,
          env: environment,
          windowsHide: true,
        });
        return { kind: "values", values: parseKeyValueLines(stdout) };
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT")
          return { kind: "no-program" };
        const said = error instanceof Error && "stderr" in error ? String(error.stderr) : String(error);
        return { kind: "failed", said: said.trim().slice(-longestDiagnosis) };
      }
    },
  };
}

function isAtLeast(version: string, wantedMajor: number, wantedMinor: number): boolean {
  const [major = 0, minor = 0] = (/^OpenSSH_(?:for_Windows_)?(\d+)\.(\d+)/.exec(version) ?? [])
    .slice(1)
    .map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function systemFile(environment: NodeJS.ProcessEnv): string {
  if (process.platform !== "win32") return "/etc/ssh/ssh_config";
  return join(environment["ProgramData"] ?? "C:\\ProgramData", "ssh", "ssh_config");
}

async function isPresent(file: string): Promise<boolean> {
  return (await readFileIfPresent(file).catch(() => undefined)) !== undefined;
}

/** What the person said of the host wins over the configuration. */
export function destinationOptions({ user, port }: Target): string[] {
  return [...(user === undefined ? [] : ["-l", user]), ...(port === undefined ? [] : ["-p", String(port)])];
}

function parseKeyValueLines(text: string): ConfigValues {
  const values = new Map<string, string[]>();
  for (const line of text.split(/\r?\n/)) {
    const space = line.indexOf(" ");
    if (space < 0) continue;
    const key = line.slice(0, space).toLowerCase();
    values.set(key, [...(values.get(key) ?? []), line.slice(space + 1)]);
  }
  return values;
}
