import { parseArgs } from "node:util";
import type { TransportName } from "../relay/wire/server.js";
import { checkedFingerprint, defaultDataFolder, UsageError } from "./commandLine.js";

export interface RelayCommandLine {
  readonly help: boolean;
  readonly url: string;
  readonly proxyId: string;
  readonly apiKeyFile: string;
  readonly transport: TransportName | undefined;
  readonly allowedHosts: readonly string[];
  readonly allowedCommands: readonly string[];
  readonly caFile: string | undefined;
  readonly allowInsecure: boolean;
  /** Maximum number of concurrent commands, overall and per host. */
  readonly limit: number | undefined;
  readonly perHost: number | undefined;
  /** `SHA256:…`: unknown host keys to trust. */
  readonly acceptedHostKeys: readonly string[];
  readonly keepCommands: boolean;
  readonly dataFolder: string;
  readonly verbose: boolean;
}

const options = {
  help: { type: "boolean", short: "h" },
  url: { type: "string" },
  "proxy-id": { type: "string" },
  "api-key-file": { type: "string" },
  transport: { type: "string" },
  "allow-host": { type: "string", multiple: true },
  "allow-command": { type: "string", multiple: true },
  "ca-file": { type: "string" },
  "allow-insecure": { type: "boolean" },
  limit: { type: "string" },
  "per-host": { type: "string" },
  "accept-host-key": { type: "string", multiple: true },
  "keep-commands": { type: "boolean" },
  data: { type: "string" },
  verbose: { type: "boolean", short: "v" },
} as const;

/** @throws UsageError */
export function parseRelayCommand(argv: readonly string[], environment: NodeJS.ProcessEnv): RelayCommandLine {
  const values = parse(argv);
  const help = values.help ?? false;
  const required = (name: "url" | "proxy-id" | "api-key-file"): string => {
    const value = values[name];
    if (value === undefined && !help) throw new UsageError(`relay needs --${name}`);
    return value ?? "";
  };
  return {
    help,
    url: required("url"),
    proxyId: required("proxy-id"),
    apiKeyFile: required("api-key-file"),
    transport: transportOf(values.transport),
    allowedHosts: values["allow-host"] ?? [],
    allowedCommands: values["allow-command"] ?? [],
    caFile: values["ca-file"],
    allowInsecure: values["allow-insecure"] ?? false,
    limit: count("limit", values.limit),
    perHost: count("per-host", values["per-host"]),
    acceptedHostKeys: (values["accept-host-key"] ?? []).map(checkedFingerprint),
    keepCommands: values["keep-commands"] ?? false,
    dataFolder: values.data ?? defaultDataFolder(environment),
    verbose: values.verbose ?? false,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: false, strict: true }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function transportOf(text: string | undefined): TransportName | undefined {
  if (text === undefined || text === "socket.io" || text === "websocket") return text;
  throw new UsageError("--transport takes socket.io or websocket");
}

function count(name: string, digits: string | undefined): number | undefined {
  if (digits === undefined) return undefined;
  if (!/^[1-9]\d{0,3}$/.test(digits)) throw new UsageError(`--${name} takes a number from 1 to 9999`);
  return Number(digits);
}

export const relayUsage = `Usage:
  runicorn-remote relay --url URL --proxy-id ID --api-key-file FILE --allow-host HOST...

Connects out to a main server and runs the commands that it sends on hosts reachable from here, until Ctrl-C or
SIGTERM. See docs/relay.md.

Options:
      --url URL               https:// for Socket.IO, wss:// for a plain WebSocket
      --proxy-id ID           who this agent is to the main server
      --api-key-file FILE     a file that holds the API key, of 32 characters at least
      --transport NAME        socket.io or websocket, where the URL does not tell
      --allow-host HOST       a name, a glob, an address or a CIDR block that may be reached; repeat it
      --allow-command REGEX   what a whole command must match; repeat it. Without any, every command may run
      --ca-file FILE          certificates (PEM) to trust beside the usual ones
      --allow-insecure        go without TLS to other machines too
      --limit N               commands at once (32)
      --per-host N            commands at once on one host (8)
      --accept-host-key KEY   trust this unknown host key: SHA256:...; repeat it
      --keep-commands         keep the texts of commands in the audit log
      --data DIR              where known_hosts, the journal and the audit log are kept
  -v, --verbose               say on standard error what happens
`;
