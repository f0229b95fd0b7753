import { connect as connectSocket, type Socket } from "node:net";
import type { Client, ServerHostKeyAlgorithm } from "ssh2";
import { Cancelled, Failure } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import { type AuthenticationTrace, planAuthentication } from "./authentication.js";
import type { HostConfig } from "./config.js";
import type { Endpoint } from "./connection.js";
import { connectFailure } from "./connectionFailures.js";
import type { ConnectOptions, Credentials } from "./connectRequest.js";
import type { SshFailure } from "./failures.js";
import { verifyHostKey } from "./hostKeyCheck.js";
import { collectIdentities } from "./identities.js";
import type { Interaction } from "./interaction.js";
import type { KnownHosts } from "./knownHosts.js";
import { knownHostsName } from "./knownHostsFile.js";
import { createPhaseTimer } from "./phaseTimer.js";

export interface OpenRequest {
  /** As a person knows the host, for failures. */
  readonly host: string;
  readonly endpoint: Endpoint;
  readonly config: HostConfig;
  readonly credentials: Credentials;
  readonly interaction: Interaction;
  readonly knownHosts: KnownHosts;
  readonly logger: Logger;
  readonly options: ConnectOptions;
}

/** Milliseconds for each phase between two questions. */
const phaseLimit = 20_000;
/** Milliseconds between two keepalives, and how many may stay unanswered. */
const keepaliveInterval = 15_000;
const keepaliveCountMax = 3;

/** Without `ssh-rsa`: its signatures are SHA-1. RSA keys themselves go on to work. */
const hostKeyAlgorithms: readonly ServerHostKeyAlgorithm[] = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
];

/**
 * Opens one authenticated connection: socket, host key, then authentication. Settles exactly once.
 * @throws Failure with an `SshFailure`, or Cancelled.
 */
export async function openConnection(request: OpenRequest): Promise<{ client: Client; socket: Socket }> {
  const { host, endpoint, config, credentials, interaction, knownHosts, logger, options } = request;
  const at = { host, port: endpoint.port };
  const { default: ssh2 } = await import("ssh2");
  const client = new ssh2.Client();
  const ended = new AbortController();
  let socket: Socket | undefined;

  return new Promise((resolve, reject) => {
    let trace: () => AuthenticationTrace = () => ({ tried: [], remaining: [] });
    const timer = createPhaseTimer((limit) =>
      fail(new Failure<SshFailure>({ code: "connect-timed-out", seconds: limit / 1000, ...at })),
    );
    const onAbort = (): void => fail(new Cancelled());
    const settle = (): void => {
      timer.stop();
      options.signal?.removeEventListener("abort", onAbort);
      ended.abort(new Cancelled());
    };
    // The promise is settled before the link goes: closing fires events of its own, which must find nothing to do.
    const fail = (error: Error): void => {
      reject(error);
      settle();
      client.destroy();
      socket?.destroy();
    };
    const authenticationFailed = (): Failure<SshFailure> =>
      new Failure<SshFailure>({ code: "authentication-failed", user: endpoint.user, ...trace(), ...at });

    // For the client's whole life: ssh2 may report the same end twice, and later ones arrive on `close`.
    client.on("error", (error) => {
      if (error.level === "agent") return;
      if (error.level === "client-authentication") fail(authenticationFailed());
      else if (ended.signal.aborted) logger.debug(`${host}: ${error.message}`);
      else fail(connectFailure(error, at));
    });
    const onClose = (): void =>
      fail(trace().tried.length > 0 ? authenticationFailed() : connectFailure(undefined, at));
    client.on("close", onClose);
    client.on("ready", () => {
      resolve({ client, socket: socket as Socket });
      client.off("close", onClose);
      settle();
    });

    const start = async (): Promise<void> => {
      if (options.signal?.aborted) throw new Cancelled();
      options.signal?.addEventListener("abort", onAbort, { once: true });
      const identities = await collectIdentities({
        config,
        credentials,
        parseKey: ssh2.utils.parseKey,
        createAgent: ssh2.createAgent,
        askPassphrase: (identityFile, again) =>
          timer.paused(() =>
            interaction.passphrase({ user: endpoint.user, ...at, identityFile, again }, ended.signal),
          ),
        logger,
      });
      const plan = planAuthentication({
        ssh2,
        subject: { user: endpoint.user, ...at },
        identities,
        password: credentials.password,
        interaction,
        signal: ended.signal,
        asking: (question) => timer.paused(question),
        abandon: (error) => fail(error instanceof Error ? error : authenticationFailed()),
      });
      trace = plan.trace;

      const name = knownHostsName(
        config.hostKeyAlias ?? endpoint.host,
        config.hostKeyAlias ? 22 : endpoint.port,
      );
      const algorithms = orderedFor(await knownHosts.knownTypes(name));
      options.onProgress?.("connecting");
      timer.start((config.connectTimeout ?? phaseLimit / 1000) * 1000);
      socket = await dial(endpoint, ended.signal);
      timer.start(phaseLimit);

      client.connect({
        sock: socket,
        username: endpoint.user,
        readyTimeout: 0,
        keepaliveInterval,
        keepaliveCountMax,
        algorithms: { serverHostKey: algorithms },
        authHandler: plan.handler,
        hostVerifier: (blob: Buffer, verified: (valid: boolean) => void) => {
          options.onProgress?.("verifying-host-key");
          const question = verifyHostKey(blob, {
            ...at,
            name,
            knownHosts,
            interaction,
            signal: ended.signal,
          });
          timer
            .paused(() => question)
            .then(
              () => {
                options.onProgress?.("authenticating");
                verified(true);
              },
              (error: unknown) => {
                fail(error as Error);
                verified(false);
              },
            );
        },
      });
    };
    options.onProgress?.("resolving");
    start().catch((error: unknown) => {
      if (error instanceof Failure || error instanceof Cancelled) fail(error);
      else fail(connectFailure(error, at));
    });
  });
}

/** The types that the stores know come first, so that a host's second key is no false alarm. */
function orderedFor(knownTypes: readonly string[]): ServerHostKeyAlgorithm[] {
  const isKnown = (algorithm: string): boolean =>
    knownTypes.includes(algorithm.startsWith("rsa-sha2-") ? "ssh-rsa" : algorithm);
  return [
    ...hostKeyAlgorithms.filter(isKnown),
    ...hostKeyAlgorithms.filter((algorithm) => !isKnown(algorithm)),
  ];
}

/** Opens the socket with Nagle's algorithm off: with it, every second small request waits 40 ms. */
function dial({ host, port }: Endpoint, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket({ host, port, noDelay: true });
    const onAbort = (): void => void socket.destroy();
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      signal.removeEventListener("abort", onAbort);
      resolve(socket);
    });
  });
}
