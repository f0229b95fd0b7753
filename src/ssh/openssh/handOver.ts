import { Failure } from "../../common/failure.js";
import type { Logger } from "../../common/logger.js";
import { ownLogin } from "../login/keysOnlyOpensshCanUse.js";
import type { Connection, Endpoint } from "../model/connection.js";
import type { ConnectOptions, Credentials } from "../model/connectRequest.js";
import { type At, isSshFailure, type SshFailure } from "../model/failures.js";
import { chosenJump, type HostConfig, isReachedOnce } from "../config/hostConfig.js";
import { orderedFor, verifyHostKey } from "../hostKeys/hostKeyCheck.js";
import type { Interaction } from "../model/interaction.js";
import type { KnownHosts } from "../hostKeys/knownHosts.js";
import { knownHostsName } from "../hostKeys/knownHostsFile.js";
import { openMaster } from "./openMaster.js";
import { hostCertificateTypes } from "./configuration.js";
import { createOpensshConnection } from "./connection.js";
import { askForHostKey } from "./hostKeyProbe.js";
import type { OpensshHost, OpensshRoute } from "../model/opensshRoute.js";
import type { SshProgram } from "../config/sshProgram.js";
import type { Target } from "../model/target.js";

export interface HandOver {
  readonly target: Target;
  readonly endpoint: Endpoint;
  readonly at: At;
  readonly onTheWayTo: string | undefined;
  /** As far as the last jump host. */
  readonly opensshRoute: OpensshRoute;
  readonly config: HostConfig;
  /** Whether a ProxyCommand that leads to the host may run once more for each tunnel. */
  readonly mayRepeatCommand: boolean;
  readonly credentials: Credentials;
  readonly program: SshProgram;
  readonly knownHosts: KnownHosts;
  readonly interaction: Interaction;
  readonly logger: Logger;
  readonly options: ConnectOptions;
}

/** Why the system's ssh may succeed where ssh2 failed. */
type Reason =
  | "certificate-or-security-key"
  | "host-certificate"
  | "long-packet"
  /** A key exchange, a cipher or the like; nothing is known of the host's key then. */
  | "algorithm"
  /** The format of the host's key, or of its signature. */
  | "host-key-algorithm";

/** Undefined for all other failures: a refused login is never retried with ssh. */
export function handOverReason(error: unknown): Reason | undefined {
  if (process.platform === "win32") return undefined;
  if (isSshFailure(error, "no-common-algorithm"))
    return error.detail.reason === "host key format" ? "host-key-algorithm" : "algorithm";
  if (isSshFailure(error, "packet-too-long")) return "long-packet";
  if (isSshFailure(error, "host-key-rejected"))
    return error.detail.verdict.kind === "ca-only" ? "host-certificate" : undefined;
  if (!isSshFailure(error, "authentication-failed")) return undefined;
  const { skipped, remaining, tried } = error.detail;
  const onlyKeys = tried.every((what) => what.startsWith("publickey"));
  const would = skipped.length > 0 && onlyKeys && remaining.includes("publickey");
  return would ? "certificate-or-security-key" : undefined;
}

/**
 * Opens the connection with the system's ssh. We verify the host key first and pin ssh to it; a host certificate is
 * verified by ssh itself, with the same known_hosts files.
 * @returns what ssh said where it could not.
 * @throws Failure with an `SshFailure` of the host key, or Cancelled.
 */
export async function handOver(reason: Reason, request: HandOver): Promise<Connection | string> {
  const { target, endpoint, at, onTheWayTo, opensshRoute, config, knownHosts, program, options } = request;
  if (opensshRoute.kind === "impossible") return opensshRoute.reason;
  const host: OpensshHost = {
    target,
    login: ownLogin(config, request.credentials, reason === "certificate-or-security-key"),
    knownHostsFiles: knownHosts.filesFor(config.knownHostsFiles),
    hostKeyTypes: [],
    signsWithSha1: reason === "host-key-algorithm",
    isReachedOnce: isReachedOnce(config, request.mayRepeatCommand),
    hasForwards: config.hasForwards,
    jump: chosenJump(config),
  };
  const types = await hostKeyTypes(reason, { ...request, hosts: [...opensshRoute.hosts, host] });
  if (typeof types === "string") return types;
  options.onProgress?.("authenticating-with-openssh");
  const hosts = [...opensshRoute.hosts, { ...host, hostKeyTypes: types }];
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
  const openssh: OpensshRoute = { kind: "possible", hosts };
  return createOpensshConnection(start.master, { target, endpoint, openssh, onTheWayTo });
}

/**
 * The types of the host's key that ssh may take: of those that are known, or of one that is asked for and verified now.
 * @returns what ssh said where there is none: without a type it would take a key of any.
 */
async function hostKeyTypes(
  reason: Reason,
  request: HandOver & { readonly hosts: readonly OpensshHost[] },
): Promise<readonly string[] | string> {
  const { endpoint, config, knownHosts, options } = request;
  if (reason === "host-certificate") {
    // An ssh that cannot be asked for the key first verifies it all the same.
    const shown = await askForHostKey(request.program, request.hosts, hostCertificateTypes, options.signal);
    return typeof shown === "string" && noHostKeyType.test(shown) ? shown : hostCertificateTypes;
  }
  const name = knownHostsName(config.hostKeyAlias ?? endpoint.host, config.hostKeyAlias ? 22 : endpoint.port);
  const foreignFiles = config.knownHostsFiles;
  const known = await knownHosts.knownTypes(name, foreignFiles);
  if (reason === "certificate-or-security-key" || reason === "long-packet")
    return known.length === 0 ? "no key of the host is known" : known;
  options.onProgress?.("verifying-host-key");
  const algorithms = reason === "host-key-algorithm" ? [] : orderedFor(known);
  const blob = await askForHostKey(request.program, request.hosts, algorithms, options.signal);
  if (typeof blob === "string") return blob;
  const key = await verifyHostKey(blob, {
    at: request.at,
    name,
    foreignFiles,
    unknownHostKey: config.unknownHostKey,
    knownHosts,
    interaction: request.interaction,
    signal: options.signal ?? new AbortController().signal,
  });
  return [key.type];
}

/** Whether the host, known by an authority, shows no certificate: ssh would then ask about its own key, and so do we. */
export function showsNoCertificate(error: unknown, said: string): boolean {
  return handOverReason(error) === "host-certificate" && noHostKeyType.test(said);
}

const noHostKeyType = /no matching host key type found/;

/** What we could not, and what ssh said after that. */
export function withOpenssh(error: unknown, said: string): unknown {
  const mayHaveMore = isSshFailure(
    error,
    "no-common-algorithm",
    "packet-too-long",
    "authentication-failed",
    "host-key-rejected",
  );
  if (!mayHaveMore) return error;
  return new Failure<SshFailure>({ ...error.detail, openssh: said }, { cause: error });
}

/** What is left when every key was offered: the questions, where the server takes answers to them. */
export function withoutKeys(config: HostConfig, error: unknown): HostConfig | undefined {
  if (!isSshFailure(error, "authentication-failed")) return undefined;
  const { remaining } = error.detail;
  const methods = config.authenticationMethods.filter((one) => one !== "publickey");
  if (!methods.some((method) => remaining.includes(method))) return undefined;
  return { ...config, authenticationMethods: methods };
}
