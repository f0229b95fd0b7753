import { posix, win32 } from "node:path";
import { agentAddresses, type AgentSurroundings } from "./agentAddresses.js";
import { Failure } from "../../common/failure.js";
import type { SshFailure } from "../model/failures.js";
import { parseJumpHosts, type Target } from "../model/target.js";

/** Keywords of ssh_config(5) in lower case, each with its values in order. */
export type ConfigValues = ReadonlyMap<string, readonly string[]>;

/** What `~/.ssh/config` and the person together say of a host (ssh_config(5)). */
export interface HostConfig {
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  /** Absolute paths, in the order in which they are tried; they need not exist. */
  readonly identityFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** Sockets and pipes at which an agent may listen, in the order in which they are tried. */
  readonly agents: readonly string[];
  /** The name to look for in known_hosts instead of the host's own. */
  readonly hostKeyAlias: string | undefined;
  /** The user's and the system's known_hosts files; undefined: the usual ones. */
  readonly knownHostsFiles: readonly string[] | undefined;
  /** What to do with an unknown host key (StrictHostKeyChecking). A changed key is always refused. */
  readonly unknownHostKey: "ask" | "accept" | "refuse";
  /** Seconds; undefined: our own default. */
  readonly connectTimeout: number | undefined;
  /** Undefined: our own default. */
  readonly serverAlive: { readonly intervalSeconds: number; readonly countMax: number } | undefined;
  /** The authentication methods that may be used, the preferred first. */
  readonly authenticationMethods: readonly string[];
  readonly compression: boolean;
  readonly route: Route;
  /** A person chose the jump hosts for this connection, or that there are none, whatever the files say. */
  readonly isRouteChosen?: boolean;
  /** Names a certificate, which only OpenSSH itself can show. */
  readonly hasCertificate: boolean;
  /** Has forwards of its own, which a second `ssh` would open too. */
  readonly hasForwards: boolean;
}

/** The route to the host: direct, through jump hosts, or through a ProxyCommand. */
export type Route =
  | { readonly kind: "direct" }
  /** Through these hosts, the nearest first. */
  | { readonly kind: "jump"; readonly hops: readonly Target[] }
  /** Through the standard streams of a local command. */
  | { readonly kind: "command"; readonly command: string };

/** The jump hosts of {@link HostConfig.isRouteChosen}; undefined where nobody chose. */
export function chosenJump({ route, isRouteChosen }: HostConfig): readonly Target[] | undefined {
  return isRouteChosen ? (route.kind === "jump" ? route.hops : []) : undefined;
}

/**
 * Whether the host must be reached once per connection: its ProxyCommand may allocate something scarce, such as a job.
 * @param mayRepeatCommand whether that command may run once more for each tunnel.
 */
export function isReachedOnce({ route }: HostConfig, mayRepeatCommand: boolean): boolean {
  return route.kind === "command" && !mayRepeatCommand;
}

/** The configuration with the route that the user chose. @param jump none: straight there; undefined: as it is. */
export function withJump(config: HostConfig, jump: readonly Target[] | undefined): HostConfig {
  if (jump === undefined) return config;
  const route: Route = jump.length === 0 ? { kind: "direct" } : { kind: "jump", hops: jump };
  return { ...config, route, isRouteChosen: true };
}

/** The machine on which we run. */
export interface Surroundings extends AgentSurroundings {
  readonly home: string;
  /** What ssh takes for the home folder: it asks the system's accounts, not the environment. */
  readonly accountHome: string;
}

const usualIdentities = ["id_ed25519", "id_ecdsa", "id_rsa"];

/** The order of OpenSSH's own client; the others that it has are not ours. */
const usualMethods = ["publickey", "keyboard-interactive", "password"];
/** The keyword that forbids a method; older versions call the second one otherwise. */
const methodKeywords: Readonly<Record<string, readonly string[]>> = {
  publickey: ["pubkeyauthentication"],
  "keyboard-interactive": ["kbdinteractiveauthentication", "challengeresponseauthentication"],
  password: ["passwordauthentication"],
};

function authenticationMethods(one: (key: string) => string | undefined): readonly string[] {
  const preferred = one("preferredauthentications")?.split(",").filter(Boolean) ?? usualMethods;
  return preferred.filter((method) => !methodKeywords[method]?.some((key) => isNo(one(key))));
}

/** @throws Failure `target-invalid` for a ProxyJump that names no host, `name-unfit-for-command` for a ProxyCommand. */
export function interpretConfig(values: ConfigValues, target: Target, here: Surroundings): HostConfig {
  const one = (key: string): string | undefined => values.get(key)?.[0];
  const hostName = expandTokens(one("hostname") ?? target.host, { h: target.host });
  const port = target.port ?? (Number(one("port")) || 22);
  const user = target.user ?? one("user") ?? here.localUser;
  const tokens = { h: hostName, n: target.host, p: String(port), r: user, u: here.localUser, d: here.home };
  const path = (text: string): string => expandPath(text, tokens, here);
  const identities = values.get("identityfile") ?? usualIdentities.map((name) => `~/.ssh/${name}`);
  const interval = Number(one("serveraliveinterval"));
  const alias = one("hostkeyalias");
  return {
    hostName,
    port,
    user,
    identityFiles: identities.filter((name) => name !== "none").map(path),
    identitiesOnly: isYes(one("identitiesonly")),
    agents: agentAddresses(one("identityagent"), here, path),
    hostKeyAlias: alias === undefined ? undefined : expandTokens(alias, tokens),
    knownHostsFiles: knownHostsFiles(values, path),
    unknownHostKey: unknownHostKey(one("stricthostkeychecking")),
    connectTimeout: positive(one("connecttimeout")),
    serverAlive:
      interval > 0
        ? { intervalSeconds: interval, countMax: positive(one("serveralivecountmax")) ?? 3 }
        : undefined,
    authenticationMethods: authenticationMethods(one),
    compression: isYes(one("compression")),
    route: routeOf(
      one("proxyjump"),
      one("proxycommand"),
      tokens,
      namesOfOthers(target, hostName, here.platform),
    ),
    hasCertificate: values.has("certificatefile"),
    hasForwards: ["localforward", "remoteforward", "dynamicforward"].some((key) => values.has(key)),
  };
}

function isYes(value: string | undefined): boolean {
  return value === "yes" || value === "true";
}

function isNo(value: string | undefined): boolean {
  return value === "no" || value === "false";
}

function positive(value: string | undefined): number | undefined {
  const number = Number(value);
  return number > 0 ? number : undefined;
}

function routeOf(
  jump: string | undefined,
  command: string | undefined,
  tokens: Tokens,
  others: ReturnType<typeof namesOfOthers>,
): Route {
  if (jump !== undefined && jump !== "none") return { kind: "jump", hops: parseJumpHosts(jump) };
  if (command === undefined || command === "none") return { kind: "direct" };
  for (const [, token = ""] of command.matchAll(/%(.)/g)) others.check(token);
  return { kind: "command", command: expandTokens(command, tokens) };
}

/**
 * Values for these tokens in a shell command when they do not come from the user's own configuration: each must be a
 * single word without special characters in the shells of all systems.
 */
function namesOfOthers({ host, user }: Target, hostName: string, platform: NodeJS.Platform) {
  const isFit = platform === "win32" ? fitForWindowsCommand : fitForCommand;
  const isFromHost = hostName.toLowerCase().includes(host.toLowerCase());
  const names = new Map([["n", host], ...(isFromHost ? [["h", host] as const] : []), ["r", user ?? ""]]);
  return {
    /** @throws Failure `name-unfit-for-command` */
    check: (token: string): void => {
      const name = names.get(token) ?? "";
      if (name === "" || isFit.test(name)) return;
      throw new Failure<SshFailure>({ code: "name-unfit-for-command", host, name, token: `%${token}` });
    },
  };
}

const fitForCommand = /^[\p{L}\p{N}_.:][\p{L}\p{M}\p{N}_.:@%+-]*$/u;
const fitForWindowsCommand = /^[\p{L}\p{N}_.:][\p{L}\p{M}\p{N}_.:@+-]*$/u;

/** `no` would accept a changed key; here it means `accept-new`. */
function unknownHostKey(value: string | undefined): HostConfig["unknownHostKey"] {
  switch (value) {
    case "yes":
    case "true":
      return "refuse";
    case "accept-new":
    case "no":
    case "off":
    case "false":
      return "accept";
    default:
      return "ask";
  }
}

function knownHostsFiles(
  values: ConfigValues,
  path: (text: string) => string,
): readonly string[] | undefined {
  const users = values.get("userknownhostsfile")?.[0];
  const systems = values.get("globalknownhostsfile")?.[0];
  if (users === undefined && systems === undefined) return undefined;
  const usual = { users: "~/.ssh/known_hosts ~/.ssh/known_hosts2", systems: "" };
  return [users ?? usual.users, systems ?? usual.systems]
    .flatMap(splitPaths)
    .filter((name) => name !== "none")
    .map(path);
}

/** `ssh -G` joins several paths with spaces and quotes none of them: a new one begins where an absolute path does. */
function splitPaths(text: string): string[] {
  const quoted = [...text.matchAll(/"([^"]*)"/g)].map((match) => match[1] ?? "");
  if (quoted.length > 0) return quoted;
  return text
    .split(/(?<!\s)\s+(?=[/~%]|\$\{|[A-Za-z]:[\\/]|__PROGRAMDATA__|none$)/)
    .map((part) => part.trim())
    .filter(Boolean);
}

type Tokens = Readonly<Record<string, string>>;

/** The tokens that `ssh -G` leaves in place; `%%` is a percent sign, others stay as they are. */
function expandTokens(text: string, tokens: Tokens): string {
  return text.replace(/%(.)/g, (whole, token: string) => (token === "%" ? "%" : (tokens[token] ?? whole)));
}

/** The variables that `ssh -G` leaves in place, as `${NAME}`; one that is not set stays as it is, and names no file. */
function expandVariables(text: string, environment: NodeJS.ProcessEnv): string {
  return text.replace(/\$\{(\w+)\}/g, (whole, name: string) => environment[name] ?? whole);
}

/** `~`, tokens, variables, and the words that OpenSSH for Windows puts in place of a folder. */
function expandPath(
  text: string,
  tokens: Tokens,
  { home, accountHome, environment, platform }: Surroundings,
) {
  const system = platform === "win32" ? win32 : posix;
  const unquoted = text.replace(/^"(.*)"$/, "$1");
  if (unquoted.startsWith("__PROGRAMDATA__")) {
    const data = environment["ProgramData"] ?? "C:\\ProgramData";
    return system.normalize(unquoted.replace("__PROGRAMDATA__", () => data));
  }
  const expanded = expandTokens(expandVariables(unquoted, environment), tokens).replace(
    /^~(?=\/|\\|$)/,
    () => home,
  );
  // ssh expanded `~` to the account's home folder, which is not ours.
  const inAccount = home !== accountHome && expanded.startsWith(system.join(accountHome, ".ssh"));
  const path = inAccount ? system.join(home, expanded.slice(accountHome.length)) : expanded;
  return platform === "win32" ? system.normalize(path) : path;
}
