import { parseArgs } from "node:util";
import { areLines } from "../environments/lines/lines.js";
import { quoteForShell } from "../common/text/quote.js";
import { type JobRequest, usualRequest } from "../slurm/model/jobRequest.js";
import { canBeHost } from "../ssh/model/thisMachine.js";
import { checkedFingerprint, defaultDataFolder, UsageError } from "./commandLine.js";
import type { ReplaceHostKeyCommand } from "./replaceHostKey.js";
import { parseRelayCommand, type RelayCommandLine } from "./relayArguments.js";

/** A parsed command line. */
export type Command =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | ({ readonly kind: "serve" } & ServeCommand)
  | ({ readonly kind: "relay" } & RelayCommandLine)
  | ({ readonly kind: "envs" | "diagnose" } & HostCommand)
  | ({ readonly kind: "status"; readonly root?: string } & HostCommand)
  | ({
      readonly kind: "known-hosts";
      readonly dataFolder: string;
      readonly verbose: boolean;
    } & ReplaceHostKeyCommand)
  | ({
      readonly kind: "open";
      readonly environment?: string;
      readonly root?: string;
      /** Seconds that the viewer keeps running if this process is killed. */
      readonly graceSeconds?: number;
      /** Hosts on which a viewer may listen on a port. */
      readonly allowPortOn: readonly string[];
      /** The Slurm job to run the viewer in: a new one, or a running one. Default: none, on the host. */
      readonly job?: JobRequest | { readonly id: string };
    } & HostCommand);

export interface ServeCommand {
  /** A loopback address. */
  readonly address: string;
  /** 0: any free one. */
  readonly port: number;
  readonly dataFolder: string;
  readonly tokenFile?: string;
  /** Origins of web pages that may use the API. */
  readonly allowedOrigins: readonly string[];
  /** Hosts on which a viewer may listen on a port. */
  readonly allowPortOn: readonly string[];
  readonly verbose: boolean;
}

export interface HostCommand {
  /** As written: `user@host[:port]` or an alias of `~/.ssh/config`; undefined: this machine, without SSH. */
  readonly host: string | undefined;
  readonly json: boolean;
  readonly dataFolder: string;
  readonly identityFile?: string;
  /** Shell lines to run on the host before a Python starts there, after those of the saved connection. */
  readonly before: readonly string[];
  /** `SHA256:…`: the one unknown host key to trust without asking. */
  readonly acceptHostKey?: string;
  readonly verbose: boolean;
}

const options = {
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
  verbose: { type: "boolean", short: "v" },
  json: { type: "boolean" },
  local: { type: "boolean" },
  before: { type: "string", multiple: true },
  env: { type: "string" },
  root: { type: "string" },
  grace: { type: "string" },
  identity: { type: "string", short: "i" },
  data: { type: "string" },
  host: { type: "string" },
  port: { type: "string", short: "p" },
  "token-file": { type: "string" },
  "allow-origin": { type: "string", multiple: true },
  "allow-port-on": { type: "string", multiple: true },
  "accept-host-key": { type: "string" },
  slurm: { type: "boolean" },
  "slurm-option": { type: "string", multiple: true },
  "slurm-minutes": { type: "string" },
  job: { type: "string" },
} as const;

const ofJobs = ["slurm", "slurm-option", "slurm-minutes", "job"] as const;

/** @throws UsageError */
export function parseCommand(argv: readonly string[], environment: NodeJS.ProcessEnv): Command {
  if (argv[0] === "relay") return { kind: "relay", ...parseRelayCommand(argv.slice(1), environment) };
  const { values, positionals } = parse(argv);
  if (values.version) return { kind: "version" };
  const [name, host, ...rest] = positionals;
  if (values.help || name === "help") return { kind: "help" };
  if (name === undefined) throw new UsageError("a command is missing");
  if (name === "serve") return serveCommand(values, positionals, environment);
  if (name === "known-hosts") return knownHostsCommand(values, positionals, environment);
  for (const other of ["host", "port", "token-file", "allow-origin"] as const) {
    if (values[other] !== undefined) throw new UsageError(`--${other} belongs to serve`);
  }
  if (name !== "envs" && name !== "open" && name !== "diagnose" && name !== "status")
    throw new UsageError(`unknown command: ${name}`);
  if (values.local) requireLocal(name, host, values);
  else if (host === undefined) throw new UsageError(`${name} needs a host`);
  if (rest.length > 0) throw new UsageError(`unexpected argument: ${rest[0] ?? ""}`);
  if (values.before !== undefined && name !== "envs" && name !== "open")
    throw new UsageError("--before belongs to envs and open");
  const common: HostCommand = {
    host,
    before: checkedLines(values.before ?? []),
    json: values.json ?? false,
    verbose: values.verbose ?? false,
    dataFolder: values.data ?? defaultDataFolder(environment),
    ...(values.identity !== undefined && { identityFile: values.identity }),
    ...(values["accept-host-key"] !== undefined && {
      acceptHostKey: checkedFingerprint(values["accept-host-key"]),
    }),
  };
  if (name !== "open") {
    for (const other of ["env", "root", "grace", "allow-port-on", ...ofJobs] as const) {
      if (other === "root" && name === "status") continue;
      if (values[other] !== undefined) throw new UsageError(`--${other} belongs to open`);
    }
    if (values.root !== undefined && !values.root.startsWith("/"))
      throw new UsageError("--root of status takes an absolute path");
    if (name === "status")
      return { kind: name, ...common, ...(values.root !== undefined && { root: values.root }) };
    return { kind: name, ...common };
  }
  return {
    kind: "open",
    ...common,
    allowPortOn: values["allow-port-on"] ?? [],
    ...jobWanted(values),
    ...(values.env !== undefined && { environment: values.env }),
    ...(values.root !== undefined && { root: values.root }),
    ...(values.grace !== undefined && { graceSeconds: checkedSeconds(values.grace) }),
  };
}

function jobWanted(values: Values): { readonly job?: JobRequest | { readonly id: string } } {
  const { slurm, job, "slurm-option": words = [], "slurm-minutes": minutes } = values;
  if (job !== undefined) {
    if (slurm || words.length > 0 || minutes !== undefined)
      throw new UsageError("--job names a job that runs: it stands in the place of --slurm");
    if (!/^[1-9]\d{0,17}$/.test(job)) throw new UsageError("--job takes the number of a job");
    return { job: { id: job } };
  }
  if (!slurm) {
    if (words.length > 0 || minutes !== undefined) throw new UsageError("--slurm-… belongs to --slurm");
    return {};
  }
  if (minutes !== undefined && !/^[1-9]\d{0,5}$/.test(minutes))
    throw new UsageError("--slurm-minutes takes a number of minutes");
  if (words.includes("")) throw new UsageError("--slurm-option takes one word for sbatch");
  const options = words.map(quoteForShell).join(" ");
  return { job: { ...usualRequest, ...(minutes !== undefined && { minutes: Number(minutes) }), options } };
}

/** Checks a command line with `--local`. @throws UsageError */
function requireLocal(name: string, host: string | undefined, values: Values): void {
  if (name === "diagnose") throw new UsageError("diagnose is about SSH: it needs a host");
  if (host !== undefined) throw new UsageError("--local stands in the place of a host");
  if (!canBeHost(process.platform)) throw new UsageError("--local needs Linux or macOS (on Windows: WSL)");
  for (const other of ["identity", "accept-host-key", "allow-port-on", ...ofJobs] as const) {
    if (values[other] !== undefined) throw new UsageError(`--${other} is about SSH, and --local needs none`);
  }
}

type Values = ReturnType<typeof parse>["values"];

const loopbackAddresses = ["127.0.0.1", "::1", "localhost"];
/** The port of Runicorn's own server, which its clients use by default. */
const defaultApiPort = 23_300;

function serveCommand(
  values: Values,
  positionals: readonly string[],
  environment: NodeJS.ProcessEnv,
): Command {
  const { host: address = "127.0.0.1", port = String(defaultApiPort), data, verbose } = values;
  const tokenFile = values["token-file"];
  if (positionals.length > 1) throw new UsageError(`unexpected argument: ${positionals[1] ?? ""}`);
  for (const other of [
    "env",
    "root",
    "grace",
    "identity",
    "json",
    "local",
    "before",
    "accept-host-key",
    ...ofJobs,
  ] as const) {
    if (values[other] !== undefined) throw new UsageError(`--${other} does not belong to serve`);
  }
  // The API controls SSH connections without a login, so it must not be reachable from the network.
  if (!loopbackAddresses.includes(address))
    throw new UsageError(`--host takes one of ${loopbackAddresses.join(", ")}`);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw new UsageError("--port takes a number up to 65535");
  return {
    kind: "serve",
    address,
    port: Number(port),
    dataFolder: data ?? defaultDataFolder(environment),
    verbose: verbose ?? false,
    allowPortOn: values["allow-port-on"] ?? [],
    allowedOrigins: (values["allow-origin"] ?? []).map(checkedOrigin),
    ...(tokenFile !== undefined && { tokenFile }),
  };
}

/** Validates an origin as browsers send it: without a path or a trailing slash, which would never match. */
function checkedOrigin(text: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^/\s]+$/.test(text))
    throw new UsageError("--allow-origin takes an origin such as http://localhost:5173");
  return text;
}

function knownHostsCommand(
  values: Values,
  [, action, host, ...rest]: readonly string[],
  environment: NodeJS.ProcessEnv,
): Command {
  if (action !== "replace" && action !== "add")
    throw new UsageError("known-hosts knows two actions: replace and add");
  if (host === undefined) throw new UsageError(`known-hosts ${action} needs a host`);
  if (rest.length > 0) throw new UsageError(`unexpected argument: ${rest[0] ?? ""}`);
  const { data, verbose, "accept-host-key": key, ...others } = values;
  const [other] = Object.keys(others);
  if (other !== undefined) throw new UsageError(`--${other} does not belong to known-hosts`);
  return {
    kind: "known-hosts",
    host,
    keepOld: action === "add",
    dataFolder: data ?? defaultDataFolder(environment),
    verbose: verbose ?? false,
    ...(key !== undefined && { acceptHostKey: checkedFingerprint(key) }),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function checkedLines(lines: readonly string[]): readonly string[] {
  if (lines.some((line) => line.trim() === "" || /[\r\n]/.test(line)) || !areLines(lines.join("\n")))
    throw new UsageError("--before takes one line of a shell, at most 50 times");
  return lines;
}

function checkedSeconds(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new UsageError("--grace takes a number of seconds");
  return Number(text);
}

export const usage = `Usage:
  runicorn-remote envs [user@]host[:port] [--before LINE]... [--json]
      List the Python environments of a host and the Runicorn in each.
  runicorn-remote status [user@]host[:port] [--root PATH] [--json]
      Print once how busy a host is: load, memory, disk, GPUs and whose processes are on them.
  runicorn-remote diagnose [user@]host[:port] [--json]
      Try each step from the host's name to Runicorn there, and print the first cause of trouble on top.
  runicorn-remote open [user@]host[:port] [--env NAME] [--root PATH] [--before LINE]... [--json]
      Start the Runicorn viewer there, print its local URL, and stay until Ctrl-C or SIGTERM.
  runicorn-remote open LOGIN --slurm [--slurm-minutes 120] [--slurm-option=--partition=gpu]...
      The same in a job of Slurm behind a login node; each option is one word for sbatch.
  runicorn-remote open LOGIN --job ID
      The same in a job of yours that runs, by SSH to its node.
  runicorn-remote serve [--host 127.0.0.1] [--port 23300] [--token-file FILE] [--allow-origin URL]...
      Serve the REST API on this machine until Ctrl-C or SIGTERM.
  runicorn-remote known-hosts replace [user@]host[:port]
      Show the known and the new key of a host whose key has changed, and trust the new one.
  runicorn-remote known-hosts add [user@]host[:port]
      The same, and trust the known ones too: the name stands for several machines.
  runicorn-remote relay --url URL --proxy-id ID --api-key-file FILE --allow-host HOST...
      Connect out to a main server and run commands on hosts for it (relay --help).

The host may be an alias of ~/.ssh/config. For envs, status and open, --local in its place means this machine, without SSH.

Options:
      --local                 envs, status, open: on this machine, without SSH
  -i, --identity FILE         a private key to authenticate with
      --data DIR              where known_hosts is kept
      --accept-host-key KEY   trust this host key: SHA256:..., an unknown one, or the new one to known-hosts
      --env NAME              the environment's name, or the path of its Python
      --before LINE           envs, open: a shell command that runs on the host first, such as "module load python"; other
                              programs on this machine see it, so keep secrets in a file that the line sources
      --root PATH             Runicorn's storage root on the host (status: whose disk is told)
      --grace SECONDS         how long the viewer lives when this program is killed (600)
      --allow-port-on HOST    open, serve: a viewer on HOST may listen on a TCP port where nothing else leads to it; every
                              account there can then read and delete the runs
      --host ADDRESS          serve: 127.0.0.1 (default; ::1 too), localhost or ::1 alone
  -p, --port N                serve: default 23300; 0 takes any free port
      --token-file FILE       serve: every request needs the token in this file
      --allow-origin URL      serve: a web page that may use the API, e.g. http://localhost:5173
      --json                  one JSON object on standard output
  -v, --verbose               say on standard error what happens
      --version               print the version

RUNICORN_SSH_PASSWORD holds the password where one is needed and nobody can be asked.

Exit status: 0 done, 1 failed, 2 wrong usage, 3 the host key is not known, 4 authentication failed,
141 nobody reads the output any longer; 128 and the signal's number where a signal cut the work short (Ctrl-C: 130).
`;
