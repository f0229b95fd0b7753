import { Failure, isFailure } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import { usualMethods } from "./authentication.js";
import { ownLogin } from "./beyondUs.js";
import type { Connection, Endpoint } from "./connection.js";
import type { ConnectOptions, Credentials } from "./connectRequest.js";
import type { At, SshFailure } from "./failures.js";
import type { HostConfig } from "./hostConfig.js";
import { orderedFor, verifyHostKey } from "./hostKeyCheck.js";
import type { Interaction } from "./interaction.js";
import type { KnownHosts } from "./knownHosts.js";
import { knownHostsName } from "./knownHostsFile.js";
import { openMaster } from "./openMaster.js";
import { createOpensshConnection } from "./opensshConnection.js";
import { askForHostKey } from "./opensshHostKey.js";
import type { OpensshHost, OpensshWay } from "./opensshWay.js";
import type { SshProgram } from "./sshProgram.js";
import type { Target } from "./target.js";

export interface HandOver {
  readonly target: Target;
  readonly endpoint: Endpoint;
  readonly at: At;
  readonly onTheWayTo: string | undefined;
  /** As far as the last jump host. */
  readonly way: OpensshWay;
  readonly config: HostConfig;
  readonly credentials: Credentials;
  readonly program: SshProgram;
  readonly knownHosts: KnownHosts;
  readonly interaction: Interaction;
  readonly logger: Logger;
  readonly options: ConnectOptions;
}

/** Why the system's ssh may do what ssh2 could not. */
type Reason = "certificate-or-security-key" | "key-exchange";

/** Undefined for every other failure: nothing that was refused is tried a second time. */
export function handOverReason(error: unknown): Reason | undefined {
  if (process.platform === "win32" || !(error instanceof Failure)) return undefined;
  const failure = (error as Failure<SshFailure>).detail;
  switch (failure.code) {
    case "no-common-algorithm":
      return failure.reason === "key exchange algorithm" ? "key-exchange" : undefined;
    case "authentication-failed": {
      const { skipped, remaining, tried } = failure;
      const onlyKeys = tried.every((what) => what.startsWith("publickey"));
      const would = skipped.length > 0 && onlyKeys && remaining.includes("publickey");
      return would ? "certificate-or-security-key" : undefined;
    }
    default:
      return undefined;
  }
}

/**
 * Opens the connection with the system's ssh. Our verdict on the host's key comes first, and ssh is bound to it.
 * @returns what ssh said where it could not.
 * @throws Failure with an `SshFailure` of the host key, or Cancelled.
 */
export async function handOver(reason: Reason, request: HandOver): Promise<Connection | string> {
  const { target, endpoint, at, onTheWayTo, way, config, knownHosts, program, options } = request;
  if (way.kind === "impossible") return way.reason;
  const name = knownHostsName(config.hostKeyAlias ?? endpoint.host, config.hostKeyAlias ? 22 : endpoint.port);
  const foreignFiles = config.knownHostsFiles;
  const hostOf = (hostKeyTypes: readonly string[]): OpensshHost => ({
    target,
    login: ownLogin(config, request.credentials, reason === "certificate-or-security-key"),
    knownHostsFiles: knownHosts.filesFor(foreignFiles),
    hostKeyTypes,
    hasForwards: config.hasForwards,
  });
  let types = await knownHosts.knownTypes(name, foreignFiles);
  if (reason === "key-exchange") {
    options.onProgress?.("verifying-host-key");
    const hosts = [...way.hosts, hostOf([])];
    const blob = await askForHostKey(program, hosts, orderedFor(types), options.signal);
    if (typeof blob === "string") return blob;
    const key = await verifyHostKey(blob, {
      at,
      name,
      foreignFiles,
      unknownHostKey: config.unknownHostKey,
      knownHosts,
      interaction: request.interaction,
      signal: options.signal ?? new AbortController().signal,
    });
    types = [key.type];
  }
  // Without a type ssh would take a key of any, a certificate of the host included.
  if (types.length === 0) return "no key of the host is known";
  options.onProgress?.("authenticating-with-openssh");
  const hosts = [...way.hosts, hostOf(types)];
  const start = await openMaster({
    program,
    hosts,
    subject: { user: endpoint.user, ...at },
    credentials: request.credentials,
    interaction: request.interaction,
    signal: options.signal,
    onTouch: (waits) => options.onProgress?.(waits ? "waiting-for-touch" : "authenticating-with-openssh"),
  });
  if (start.kind === "refused") return start.said;
  request.logger.info(`${target.host}: OpenSSH carries the connection (${reason})`);
  const openssh: OpensshWay = { kind: "possible", hosts };
  return createOpensshConnection(start.master, { target, endpoint, openssh, onTheWayTo });
}

/** What we could not, and what ssh said after that. */
export function withOpenssh(error: unknown, said: string): unknown {
  if (!(error instanceof Failure)) return error;
  const detail = { ...(error as Failure<SshFailure>).detail, openssh: said };
  return new Failure(detail, { cause: error });
}

/** What is left when every key was offered: the questions, where the server takes answers to them. */
export function withoutKeys(config: HostConfig, error: unknown): HostConfig | undefined {
  if (!isFailure(error, "authentication-failed")) return undefined;
  const { remaining } = error.detail as unknown as { readonly remaining: readonly string[] };
  const methods = (config.preferredAuthentications ?? usualMethods).filter((one) => one !== "publickey");
  if (!methods.some((method) => remaining.includes(method))) return undefined;
  return { ...config, preferredAuthentications: methods };
}
