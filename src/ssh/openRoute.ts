import { Failure, orCancelled } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import type { ReadConfig } from "./config/config.js";
import { endpointOf } from "./config/endpoint.js";
import type { HostConfig } from "./config/hostConfig.js";
import type { SshProgram } from "./config/sshProgram.js";
import type { KnownHosts } from "./hostKeys/knownHosts.js";
import { openConnection } from "./inProcess/openConnection.js";
import { createConnection } from "./inProcess/sshConnection.js";
import type { RememberedAnswers } from "./login/rememberedAnswers.js";
import { type Connection, endpointId } from "./model/connection.js";
import type { ConnectOptions, Credentials } from "./model/connectRequest.js";
import { type At, isSshFailure, type SshFailure } from "./model/failures.js";
import type { Interaction } from "./model/interaction.js";
import type { OpensshRoute } from "./model/opensshRoute.js";
import type { Target } from "./model/target.js";
import {
  handOver,
  handOverReason,
  showsNoCertificate,
  withOpenssh,
  withoutKeys,
} from "./openssh/handOver.js";
import { extendOpensshRoute } from "./extendOpensshRoute.js";
import { createHops } from "./route/hops.js";
import { type PreparedRoute, prepareRoute } from "./route/prepareRoute.js";

/** A host to open a connection to, and on whose behalf. */
export interface RouteRequest {
  readonly target: Target;
  readonly config: HostConfig;
  readonly credentials: Credentials;
  /** Set for a jump host: the host that a person wants to reach. */
  readonly onTheWayTo: string | undefined;
  /** The host and the jump hosts that lead to here; each may be configured to be reached through others. */
  readonly chain: readonly string[];
  /** Where to go, when the name was looked up already. */
  readonly address?: string | undefined;
  readonly answers: RememberedAnswers;
  readonly interaction: Interaction;
  readonly options: ConnectOptions;
  /** That the system's ssh was tried already. */
  readonly triedOpenssh?: boolean;
  /** That the host shows no certificate, though an authority is known for it. */
  readonly hasNoCertificate?: boolean;
}

export interface RouteOpener {
  /**
   * Connects to the host, through its jump hosts; with the system's ssh where ours cannot.
   * @throws Failure with an `SshFailure`, or Cancelled.
   */
  open(request: RouteRequest): Promise<Connection>;
  /** Resolves when the connections to jump hosts that nobody uses any more are closed. */
  settled(): Promise<void>;
}

export interface RouteOpenerOptions {
  readonly program: SshProgram;
  readonly readConfig: ReadConfig;
  readonly knownHosts: KnownHosts;
  /** Whether the ProxyCommand of this host, as it was named, may run once more for each tunnel. Default: none may. */
  readonly mayRepeatProxyCommand?: ((host: string) => boolean) | undefined;
  readonly logger: Logger;
}

export function createRouteOpener(parts: RouteOpenerOptions): RouteOpener {
  const hopConnections = createHops();

  const open: RouteOpener["open"] = async (request) => {
    const { target, config, address } = request;
    const reached = await prepareRoute(endpointOf(config, target), config.route, {
      at: placeOf(request),
      environment: parts.program.environment,
      address,
      connectHop: (hops) => borrowHop(hops, request),
    });
    try {
      return await openInProcess(request, reached, parts);
    } catch (error) {
      reached.release();
      const opened = await openWithOpenssh(request, reached.openssh, error, parts);
      if (opened.connection) return opened.connection;
      return open({ ...request, ...opened.again }).catch((last: unknown) => {
        throw isSshFailure(last, "authentication-failed") ? withOpenssh(last, opened.said) : last;
      });
    }
  };

  const borrowHop = async (hops: readonly Target[], from: RouteRequest) => {
    const { signal } = from.options;
    const hop = await hopRequest(hops, from, parts.readConfig);
    const key = JSON.stringify([hop.chain.at(-1), hop.credentials.useAgent]);
    return hopConnections.borrow(key, (wanted) => open({ ...hop, options: { signal: wanted } }), signal);
  };

  return { open, settled: () => hopConnections.settled() };
}

async function openInProcess(
  request: RouteRequest,
  { dial, openssh }: PreparedRoute,
  { knownHosts, logger, mayRepeatProxyCommand = () => false }: RouteOpenerOptions,
): Promise<Connection> {
  const { target, config, credentials, onTheWayTo, address, interaction, options } = request;
  const endpoint = endpointOf(config, target);
  const subject = { user: endpoint.user, ...placeOf(request) };
  // Where ssh must not look the host up again, it is of no help.
  const mayHandOver =
    !request.triedOpenssh &&
    address === undefined &&
    process.platform !== "win32" &&
    config.authenticationMethods.includes("publickey");
  const opened = await openConnection({
    ...{ subject, endpoint, dial, config, credentials, interaction, knownHosts, logger, options },
    beforeAsking: mayHandOver ? "give-up" : "go-on",
    hasNoCertificate: request.hasNoCertificate ?? false,
  });
  const files = knownHosts.filesFor(config.knownHostsFiles);
  const onward = extendOpensshRoute(
    openssh,
    target,
    opened,
    files,
    config,
    mayRepeatProxyCommand(target.host),
  );
  return createConnection(opened, { target, endpoint, openssh: onward, onTheWayTo });
}

/**
 * @param error why ours could not; thrown again where the system's ssh could not do better.
 * @returns the connection; or what ssh said, and with what another try of ours may succeed.
 */
async function openWithOpenssh(
  request: RouteRequest,
  opensshRoute: OpensshRoute,
  error: unknown,
  parts: RouteOpenerOptions,
): Promise<
  | { readonly connection: Connection }
  | { readonly connection: undefined; readonly said: string; readonly again: Partial<RouteRequest> }
> {
  const { target, address, answers } = request;
  const config = withoutSilentAgent(request.config, error);
  // The system's ssh logs in with keys alone.
  const mayNot =
    request.triedOpenssh || address !== undefined || !config.authenticationMethods.includes("publickey");
  const reason = mayNot ? undefined : handOverReason(error);
  if (reason === undefined) throw error;
  const [endpoint, at] = [endpointOf(config, target), placeOf(request)];
  const mayRepeatCommand = parts.mayRepeatProxyCommand?.(target.host) ?? false;
  const result = await handOver(reason, {
    ...request,
    ...parts,
    ...{ config, mayRepeatCommand, endpoint, at, opensshRoute },
  });
  if (typeof result !== "string") return { connection: result };
  answers.forgetPins();
  parts.logger.info(`${target.host}: OpenSSH cannot carry the connection: ${result}`);
  if (showsNoCertificate(error, result)) {
    return { connection: undefined, said: result, again: { hasNoCertificate: true } };
  }
  const others = withoutKeys(config, error);
  if (!others) throw withOpenssh(error, result);
  return { connection: undefined, said: result, again: { config: others, triedOpenssh: true } };
}

/** ssh would hang on it, too. */
function withoutSilentAgent(config: HostConfig, error: unknown): HostConfig {
  const silent = isSshFailure(error, "authentication-failed") ? error.detail.silentAgent : undefined;
  return { ...config, agents: config.agents.filter((address) => address !== silent) };
}

/**
 * The last of these hosts, reached through the others. The credentials that came with the request are the host's; a jump
 * host is told those of its own configuration.
 * @throws Failure `jump-loop`, or Cancelled.
 */
async function hopRequest(
  hops: readonly Target[],
  from: RouteRequest,
  readConfig: ReadConfig,
): Promise<RouteRequest> {
  const goal = from.onTheWayTo ?? from.target.host;
  const [target, before] = [hops.at(-1) as Target, hops.slice(0, -1)];
  const own = await orCancelled(readConfig(target), from.options.signal);
  const config: HostConfig = before.length > 0 ? { ...own, route: { kind: "jump", hops: before } } : own;
  const id = endpointId(endpointOf(config, target));
  if (from.chain.includes(id)) {
    throw new Failure<SshFailure>({ code: "jump-loop", host: goal, port: own.port });
  }
  return {
    target,
    config,
    credentials: { useAgent: from.credentials.useAgent ?? true },
    onTheWayTo: goal,
    chain: [...from.chain, id],
    answers: from.answers,
    interaction: from.interaction,
    options: from.options,
  };
}

/** As a person knows the host. */
function placeOf({ target, config, onTheWayTo }: RouteRequest): At {
  return { host: target.host, port: config.port, ...(onTheWayTo !== undefined && { onTheWayTo }) };
}
