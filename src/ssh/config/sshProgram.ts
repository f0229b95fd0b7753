import { execFile } from "node:child_process";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { readFileIfPresent } from "../../common/files/sharedFile.js";
import { findProgram, notFromCurrentFolder, windowsSystemFolder } from "./findProgram.js";
import type { ConfigValues } from "./hostConfig.js";
import type { ConnectRequest, Credentials } from "../model/connectRequest.js";
import { checkTarget, formatJumpHosts, type Target } from "../model/target.js";

/** The system's OpenSSH client. */
export interface SshProgram {
  /** As it is started: an absolute path, unless the person said otherwise. Looked up when it is first needed. */
  readonly command: string;
  /** The local home folder, whose `.ssh` counts. */
  readonly home: string;
  readonly environment: NodeJS.ProcessEnv;
  /** The user's configuration file: `~/.ssh/config`, unless the person named another. */
  readonly usersFile: string;
  /**
   * The words behind the program's name that lead a person's terminal to a host, as we would get there.
   * @throws Failure `target-invalid`
   */
  terminalOptions(request: Pick<ConnectRequest, "target" | "credentials" | "jump">): readonly string[];
  /** Whether it is this version of OpenSSH or a newer one. */
  isAtLeast(major: number, minor: number): Promise<boolean>;
  /** The user's and the system's configuration files that there are. */
  configurationFiles(): Promise<readonly string[]>;
  /** What `ssh -G` prints for a host. */
  configurationOf(target: Target): Promise<SshAnswer>;
}

export type SshAnswer =
  | { readonly kind: "values"; readonly values: ConfigValues }
  | { readonly kind: "no-program" }
  /** So old that it cannot be asked. */
  | { readonly kind: "unable"; readonly said: string }
  /** It would not connect either. */
  | { readonly kind: "refused"; readonly said: string };

const run = promisify(execFile);
/** Milliseconds for `ssh -G`; a `Match exec` in the configuration may run anything. */
const patience = 10_000;
/** Characters kept of what ssh says. */
const longestDiagnosis = 1_000;
/** Knows UseKeychain, which another ssh that comes first in PATH does not. */
const appleSsh = process.platform === "darwin" ? "/usr/bin/ssh" : undefined;
const unknownKeyword = /Bad configuration option/;

export function createSshProgram(source: {
  readonly home: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Fallback when the usual ssh does not know a keyword of the configuration. Default: the one of macOS. */
  readonly ownOfSystem?: string | undefined;
  /** Absolute path of a configuration file that is read instead of the user's and the system's. */
  readonly configFile?: (() => string | undefined) | undefined;
}): SshProgram {
  const { home, ownOfSystem = appleSsh } = source;
  let found: string | undefined;
  const command = (): string => (found ??= sshPath(source.environment));
  const environment = { ...source.environment, ...notFromCurrentFolder, HOME: home };
  const ownFile = join(home, ".ssh", "config");
  const usersFile = (): string => source.configFile?.() ?? ownFile;
  // ssh looks up the home folder by user id, not by $HOME: name the file when they differ.
  const isOtherHome = home !== homedir() || home !== userInfo().homedir;
  const isElsewhere = (): boolean => isOtherHome || usersFile() !== ownFile;
  const configurationOptions = async (): Promise<string[]> =>
    isElsewhere() ? ["-F", (await isPresent(usersFile())) ? usersFile() : "none"] : [];
  return {
    get command() {
      return command();
    },
    home,
    environment,
    get usersFile() {
      return usersFile();
    },
    terminalOptions: ({ target, credentials, jump }) => {
      for (const one of [target, ...(jump ?? [])]) checkTarget(one);
      return [
        ...(usersFile() === ownFile ? [] : ["-F", usersFile()]),
        ...loginOptions(credentials, home),
        ...(jump === undefined ? [] : ["-J", formatJumpHosts(jump)]),
        ...destinationOptions(target),
        "--",
        target.host,
      ];
    },
    isAtLeast: async (major, minor) => {
      const options = { timeout: patience, env: environment, windowsHide: true };
      const { stderr } = await run(command(), ["-V"], options).catch(() => ({ stderr: "" }));
      return isAtLeast(stderr, major, minor);
    },
    configurationFiles: async () => {
      const files = isElsewhere() ? [usersFile()] : [usersFile(), systemFile(environment)];
      const present = await Promise.all(files.map(isPresent));
      return files.filter((_, index) => present[index]);
    },
    configurationOf: async (target) => {
      const words = [...(await configurationOptions()), ...destinationOptions(target), "--", target.host];
      const answer = await askWithoutFork(command(), words, environment);
      const isOthers = ownOfSystem === undefined || command() === ownOfSystem;
      if (isOthers || answer.kind !== "refused" || !unknownKeyword.test(answer.said)) return answer;
      const other = await askWithoutFork(ownOfSystem, words, environment);
      if (other.kind !== "values") return answer;
      found = ownOfSystem;
      return other;
    },
  };
}

/** `ForkAfterAuthentication yes` makes `-G` fail, and older versions do not know the keyword. */
async function askWithoutFork(
  program: string,
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<SshAnswer> {
  const answer = await ask(program, words, environment);
  if (answer.kind !== "refused" || !/^Cannot fork into background/m.test(answer.said)) return answer;
  return ask(program, ["-o", "ForkAfterAuthentication=no", ...words], environment);
}

async function ask(
  program: string,
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<SshAnswer> {
  try {
    const options = { timeout: patience, env: environment, windowsHide: true };
    const { stdout } = await run(program, ["-G", ...words], options);
    return { kind: "values", values: parseKeyValueLines(stdout) };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return { kind: "no-program" };
    const stderr = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
    if (/^usage: /m.test(stderr)) return { kind: "unable", said: stderr.slice(-longestDiagnosis) };
    const isLate = error instanceof Error && "killed" in error && error.killed === true;
    const said = stderr || (isLate ? `no answer within ${patience / 1000} s` : String(error));
    return { kind: "refused", said: said.slice(0, longestDiagnosis) };
  }
}

function sshPath(environment: NodeJS.ProcessEnv): string {
  const { platform } = process;
  const lastFolder = platform === "win32" ? join(windowsSystemFolder(environment), "OpenSSH") : "/usr/bin";
  return environment["RUNICORN_SSH_PATH"] || findProgram("ssh", lastFolder, { platform, environment });
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

function loginOptions({ identityFiles = [], onlyGiven = false }: Credentials = {}, home: string): string[] {
  const only = identityFiles.length > 0 ? "IdentitiesOnly=yes" : "PubkeyAuthentication=no";
  return [
    ...identityFiles.flatMap((file) => ["-i", file.replace(/^~(?=\/|\\|$)/, () => home)]),
    ...(onlyGiven ? ["-o", only] : []),
  ];
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
