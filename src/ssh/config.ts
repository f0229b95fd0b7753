import { execFile } from "node:child_process";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Logger } from "../common/logger.js";
import { readFileIfPresent } from "../common/sharedFile.js";
import type { Target } from "./target.js";

/** What `~/.ssh/config` and the person together say of a host (ssh_config(5)). */
export interface HostConfig {
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  /** Absolute paths, in the order in which they are tried; they need not exist. */
  readonly identityFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** Absolute path of the agent's socket; undefined where none is to be used. */
  readonly identityAgent: string | undefined;
  /** The name to look for in known_hosts instead of the host's own. */
  readonly hostKeyAlias: string | undefined;
  /** Seconds; undefined: our own default. */
  readonly connectTimeout: number | undefined;
  /** Set when the way leads through other hosts or a command, which this version cannot do. */
  readonly proxy: string | undefined;
}

export interface ConfigSource {
  /** The local home folder. */
  readonly home: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly logger: Logger;
}

const run = promisify(execFile);
/** Milliseconds for `ssh -G`; a `Match exec` in the configuration may run anything. */
const sshPatience = 10_000;
const defaultIdentities = ["id_ed25519", "id_ecdsa", "id_rsa"];

/** Asks `ssh -G`, which is the truth about Match, Include and tokens; reads the file ourselves where there is no ssh. */
export async function readHostConfig(target: Target, source: ConfigSource): Promise<HostConfig> {
  const values = (await askSsh(target, source)) ?? (await readConfigFile(target, source));
  return interpret(values, target, source);
}

type Values = ReadonlyMap<string, readonly string[]>;

async function askSsh(
  target: Target,
  { home, environment, logger }: ConfigSource,
): Promise<Values | undefined> {
  const file = join(home, ".ssh", "config");
  // ssh looks up the home folder by user id, not by $HOME: name the file when they differ.
  const named = home === homedir() && home === userInfo().homedir ? [] : ["-F", await existing(file)];
  const user = target.user === undefined ? [] : ["-l", target.user];
  const port = target.port === undefined ? [] : ["-p", String(target.port)];
  const ssh = environment["RUNICORN_SSH_PATH"] || "ssh";
  try {
    const { stdout } = await run(ssh, ["-G", ...named, ...user, ...port, "--", target.host], {
      timeout: sshPatience,
      env: { ...environment, HOME: home },
    });
    return parseKeyValueLines(stdout);
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    logger.warn(
      missing ? "no ssh program: ~/.ssh/config is read without Match exec and tokens" : "ssh -G failed",
    );
    return undefined;
  }
}

async function existing(file: string): Promise<string> {
  return (await readFileIfPresent(file).catch(() => undefined)) === undefined ? "none" : file;
}

function parseKeyValueLines(text: string): Values {
  const values = new Map<string, string[]>();
  for (const line of text.split(/\r?\n/)) {
    const space = line.indexOf(" ");
    if (space < 0) continue;
    const key = line.slice(0, space).toLowerCase();
    values.set(key, [...(values.get(key) ?? []), line.slice(space + 1)]);
  }
  return values;
}

async function readConfigFile(target: Target, { home }: ConfigSource): Promise<Values> {
  const bytes = await readFileIfPresent(join(home, ".ssh", "config")).catch(() => undefined);
  if (bytes === undefined) return new Map();
  const { default: SSHConfig } = await import("ssh-config");
  try {
    const computed = SSHConfig.parse(bytes.toString("utf8")).compute({
      Host: target.host,
      matchExec: false,
    } as never);
    return new Map(
      Object.entries(computed).map(([key, value]) => [
        key.toLowerCase(),
        Array.isArray(value) ? value : [value],
      ]),
    );
  } catch {
    return new Map();
  }
}

function interpret(values: Values, target: Target, { home, environment }: ConfigSource): HostConfig {
  const one = (key: string): string | undefined => values.get(key)?.[0];
  const user = target.user ?? one("user") ?? userInfo().username;
  const expand = (path: string): string => expandPath(path, home);
  const listed = values.get("identityfile") ?? defaultIdentities.map((name) => `~/.ssh/${name}`);
  const proxy = [one("proxyjump"), one("proxycommand")].find(
    (value) => value !== undefined && value !== "none",
  );
  const connectTimeout = Number(one("connecttimeout"));
  return {
    hostName: one("hostname") ?? target.host,
    port: target.port ?? (Number(one("port")) || 22),
    user,
    identityFiles: listed.filter((path) => path !== "none").map(expand),
    identitiesOnly: one("identitiesonly") === "yes",
    identityAgent: agentSocket(one("identityagent"), environment, expand),
    hostKeyAlias: one("hostkeyalias"),
    connectTimeout: connectTimeout > 0 ? connectTimeout : undefined,
    proxy,
  };
}

function agentSocket(
  configured: string | undefined,
  environment: NodeJS.ProcessEnv,
  expand: (path: string) => string,
): string | undefined {
  if (configured === "none") return undefined;
  if (configured === undefined || configured === "SSH_AUTH_SOCK")
    return environment["SSH_AUTH_SOCK"] || undefined;
  if (configured.startsWith("$")) return environment[configured.replace(/^\$\{?|\}$/g, "")] || undefined;
  return expand(configured);
}

/** `~`, and the tokens that `ssh -G` leaves in a path: `%d` is the home folder, `%u` the local user. */
function expandPath(path: string, home: string): string {
  const unquoted = path.replace(/^"(.*)"$/, "$1");
  return unquoted
    .replace(/^~(?=\/|\\|$)/, () => home)
    .replace(/%([du%])/g, (_, token: string) =>
      token === "d" ? home : token === "u" ? userInfo().username : "%",
    );
}
