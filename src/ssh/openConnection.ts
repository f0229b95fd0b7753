import type { Duplex } from "node:stream";
import type { Client, CompressionAlgorithm } from "ssh2";
import { Cancelled, Failure } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import {
  type Accepted,
  type AuthenticationTrace,
  planAuthentication,
  usualMethods,
} from "./authentication.js";
import { certificatesAndAgentKeys } from "./beyondUs.js";
import type { Endpoint } from "./connection.js";
import { connectFailure } from "./connectionFailures.js";
import { hearAuthenticationFailures } from "./authenticationFailures.js";
import type { ConnectOptions, Credentials } from "./connectRequest.js";
import type { SshFailure } from "./failures.js";
import type { HostConfig } from "./hostConfig.js";
import type { HostKey } from "./hostKeys.js";
import { orderedFor, verifyHostKey } from "./hostKeyCheck.js";
import { collectIdentities } from "./identities.js";
import type { Interaction, Subject } from "./interaction.js";
import type { KnownHosts } from "./knownHosts.js";
import { knownHostsName } from "./knownHostsFile.js";
import { createPhaseTimer } from "./phaseTimer.js";

/** An open connection, and what opened it. */
export interface Opened {
  readonly client: Client;
  readonly stream: Duplex;
  readonly hostKey: HostKey;
  /** One where the server wanted one factor. */
  readonly accepted: readonly Accepted[];
}

export interface OpenRequest {
  /** As a person knows the host, for questions and failures. */
  readonly subject: Subject;
  readonly endpoint: Endpoint;
  /** Opens the byte stream to the endpoint. */
  readonly dial: (signal: AbortSignal) => Promise<Duplex>;
  readonly config: HostConfig;
  readonly credentials: Credentials;
  readonly interaction: Interaction;
  readonly knownHosts: KnownHosts;
  readonly logger: Logger;
  readonly options: ConnectOptions;
  /** Ends with the failure, instead of asking, when keys did not do and ssh has some that we cannot use. */
  readonly beforeAsking: "go-on" | "give-up";
}

/** Milliseconds for each phase between two questions. */
const phaseLimit = 20_000;
/** What servers say when they end the connection during authentication. */
const tooManyFailures = /too many authentication (failures|attempts)/i;
/** Bytes of the other side's first words that are looked at. */
const longestGreeting = 100;
/** Where the configuration does not say: how often a silent server is asked, and how many may stay unanswered. */
const defaultServerAlive = { intervalSeconds: 10, countMax: 3 };
const compress: CompressionAlgorithm[] = ["zlib@openssh.com", "none"];

/**
 * Opens one authenticated connection: byte stream, host key, then authentication. Settles exactly once.
 * @throws Failure with an `SshFailure`, or Cancelled.
 */
export async function openConnection(request: OpenRequest): Promise<Opened> {
  const { subject, endpoint, config, credentials, interaction, knownHosts, logger, options } = request;
  const { user, ...at } = subject;
  const { default: ssh2 } = await import("ssh2");
  const client = new ssh2.Client();
  const ended = new AbortController();
  let stream: Duplex | undefined;
  let greeting = "";

  return new Promise((resolve, reject) => {
    const skipped: string[] = [];
    let accepted: () => Opened["accepted"] = () => [];
    let hostKey: HostKey | undefined;
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
      stream?.destroy();
    };
    const authenticationFailed = (): Failure<SshFailure> =>
      new Failure<SshFailure>({ code: "authentication-failed", user, ...trace(), skipped, ...at });

    // For the client's whole life: ssh2 may report the same end twice, and later ones arrive on `close`.
    client.on("error", (error) => {
      if (error.level === "agent") return;
      if (error.level === "client-authentication") fail(authenticationFailed());
      else if (ended.signal.aborted) logger.debug(`${at.host}: ${error.message}`);
      else if (tooManyFailures.test(error.message)) {
        fail(new Failure<SshFailure>({ code: "too-many-failures", user, tried: trace().tried, ...at }));
      } else fail(connectFailure(error, at, greeting));
    });
    const onClose = (): void =>
      fail(trace().tried.length > 0 ? authenticationFailed() : connectFailure(undefined, at, greeting));
    client.on("close", onClose);
    client.on("ready", () => {
      resolve({ client, stream: stream as Duplex, hostKey: hostKey as HostKey, accepted: accepted() });
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
          timer.paused(() => interaction.passphrase({ ...subject, identityFile, again }, ended.signal)),
        // The person may name what the configuration names too.
        onSkipped: (what) => void (skipped.includes(what) || skipped.push(what)),
        logger,
      });
      skipped.unshift(...(await certificatesAndAgentKeys(config, credentials)));
      const plan = planAuthentication({
        ssh2,
        subject,
        identities,
        password: credentials.password,
        methods: config.preferredAuthentications ?? usualMethods,
        interaction,
        signal: ended.signal,
        asking: (question) => timer.paused(question),
        mayAsk: () => request.beforeAsking === "go-on" || skipped.length === 0,
        abandon: (error) => fail(error instanceof Error ? error : authenticationFailed()),
      });
      ({ trace, accepted } = plan);

      const name = knownHostsName(
        config.hostKeyAlias ?? endpoint.host,
        config.hostKeyAlias ? 22 : endpoint.port,
      );
      const foreignFiles = config.knownHostsFiles;
      const algorithms = orderedFor(await knownHosts.knownTypes(name, foreignFiles));
      const serverAlive = config.serverAlive ?? defaultServerAlive;
      options.onProgress?.("connecting");
      const connectLimit = (config.connectTimeout ?? phaseLimit / 1000) * 1000;
      timer.start(connectLimit);
      stream = await request.dial(ended.signal);
      timer.start(connectLimit);

      client.connect({
        sock: stream,
        username: endpoint.user,
        readyTimeout: 0,
        keepaliveInterval: serverAlive.intervalSeconds * 1000,
        keepaliveCountMax: serverAlive.countMax,
        algorithms: { serverHostKey: algorithms, ...(config.compression && { compress }) },
        authHandler: plan.handler,
        hostVerifier: (blob: Buffer, verified: (valid: boolean) => void) => {
          options.onProgress?.("verifying-host-key");
          const question = verifyHostKey(blob, {
            at,
            name,
            foreignFiles,
            unknownHostKey: config.unknownHostKey,
            knownHosts,
            interaction,
            signal: ended.signal,
          });
          timer
            .paused(() => question)
            .then(
              (key) => {
                hostKey = key;
                options.onProgress?.("authenticating");
                timer.start(phaseLimit);
                verified(true);
              },
              (error: unknown) => {
                fail(error as Error);
                verified(false);
              },
            );
        },
      });
      stream.once("data", (chunk: Buffer) => (greeting = chunk.toString("latin1", 0, longestGreeting)));
      hearAuthenticationFailures(client, plan.onFailure);
    };
    options.onProgress?.("resolving");
    start().catch((error: unknown) => {
      if (error instanceof Failure || error instanceof Cancelled) fail(error);
      else fail(connectFailure(error, at, greeting));
    });
  });
}
