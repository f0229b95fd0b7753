import type { Duplex } from "node:stream";
import type * as ssh2Module from "ssh2";
import type { CompressionAlgorithm, ConnectConfig } from "ssh2";
import type { Logger } from "../../common/logger.js";
import { hasLink } from "../../common/text/links.js";
import { askAgent } from "../login/askAgent.js";
import { planAuthentication } from "../login/authentication.js";
import { certificatesAndAgentKeys } from "../login/keysOnlyOpensshCanUse.js";
import type { Endpoint } from "../model/connection.js";
import { type Attempt, createAttempt, type Opened } from "./attempt.js";
import { tooMuchBeforeLogin } from "./connectionFailures.js";
import { gatherWrites } from "./gatherWrites.js";
import { limitServer } from "./serverLimits.js";
import { hearServerNotices, type ServerNotice } from "./serverNotices.js";
import { hearAuthenticationFailures } from "./userauthFailureHook.js";
import type { ConnectOptions, Credentials } from "../model/connectRequest.js";
import type { HostConfig } from "../config/hostConfig.js";
import { orderedFor, verifyHostKey } from "../hostKeys/hostKeyCheck.js";
import { collectIdentities } from "../login/identities.js";
import { loginLimit } from "../login/phaseTimer.js";
import type { Interaction, Subject } from "../model/interaction.js";
import type { KnownHosts } from "../hostKeys/knownHosts.js";
import { knownHostsName } from "../hostKeys/knownHostsFile.js";

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
  /** That the host shows no certificate, though an authority is known for it. */
  readonly hasNoCertificate: boolean;
  /** Ends with the failure, instead of asking, when keys did not do and ssh has some that we cannot use. */
  readonly beforeAsking: "go-on" | "give-up";
}

/** Milliseconds until the host key is there, where the configuration does not say. */
const usualConnectLimit = 20_000;
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
  const { subject, logger, options } = request;
  const { default: ssh2 } = await import("ssh2");
  const attempt = createAttempt(new ssh2.Client(), subject, logger, options.signal);
  options.onProgress?.("resolving");
  connect(request, attempt, ssh2).catch(attempt.fail);
  return attempt.opened;
}

async function connect(request: OpenRequest, attempt: Attempt, ssh2: typeof ssh2Module): Promise<void> {
  const { endpoint, config, knownHosts, options } = request;
  const { client, facts, timer, signal } = attempt;
  const plan = await planLogin(request, attempt, ssh2);
  facts.trace = plan.trace;
  facts.accepted = plan.accepted;
  const name = knownHostsName(config.hostKeyAlias ?? endpoint.host, config.hostKeyAlias ? 22 : endpoint.port);
  const algorithms = orderedFor(await knownHosts.knownTypes(name, config.knownHostsFiles));
  if (signal.aborted) return;
  options.onProgress?.("connecting");
  const connectLimit = (config.connectTimeout ?? usualConnectLimit / 1000) * 1000;
  timer.start(connectLimit);
  const stream = await request.dial(signal);
  if (signal.aborted) {
    stream.destroy();
    return;
  }
  facts.stream = stream;
  gatherWrites(stream);
  timer.start(connectLimit);
  client.connect({
    ...optionsOf(request),
    sock: stream,
    algorithms: { serverHostKey: algorithms, ...(config.compression && { compress }) },
    authHandler: plan.handler,
    hostVerifier: hostVerifierOf(request, attempt, name, () => limits.keyShown()),
  });
  const limits = limitServer(stream, () => {
    // Pass an error: otherwise the stream creates one for each queued chunk.
    if (signal.aborted) stream.destroy(new Error("the server does not read what it asks for"));
    else attempt.fail(tooMuchBeforeLogin(attempt.at, facts.greeting));
  });
  signal.addEventListener("abort", () => limits.loggedIn(), { once: true });
  stream.once("data", (chunk: Buffer) => (facts.greeting = chunk.toString("latin1", 0, longestGreeting)));
  hearAuthenticationFailures(client, plan.onFailure);
  hearServerNotices(client, (notice) => showNotice(notice, request, attempt));
}

/** Where the server waits for something that happens elsewhere, a person who sees that decides how long. */
function showNotice(
  { texts, isInstruction }: ServerNotice,
  { subject, interaction }: OpenRequest,
  { facts, timer }: Attempt,
): void {
  facts.said.push(...texts);
  const isSeen = interaction.notify({ kind: "server", subject, texts, isInstruction });
  if (isSeen && (isInstruction || hasLink(texts))) timer.stop();
}

function optionsOf({ endpoint, config }: OpenRequest): ConnectConfig {
  const { intervalSeconds, countMax } = config.serverAlive ?? defaultServerAlive;
  return {
    username: endpoint.user,
    // Each phase has its own timer, which is paused while the user is asked.
    readyTimeout: 0,
    keepaliveInterval: intervalSeconds * 1000,
    keepaliveCountMax: countMax,
  };
}

/** Finds the keys there are, and decides on what is offered when. */
async function planLogin(
  request: OpenRequest,
  { facts, timer, signal, fail }: Attempt,
  ssh2: typeof ssh2Module,
): Promise<ReturnType<typeof planAuthentication>> {
  const { subject, credentials, interaction, logger } = request;
  const { skipped } = facts;
  const config = await withoutSilentAgents(request, facts);
  const identities = await collectIdentities({
    config,
    credentials,
    parseKey: ssh2.utils.parseKey,
    createAgent: ssh2.createAgent,
    askPassphrase: (identityFile, again) =>
      timer.paused(() => interaction.passphrase({ ...subject, identityFile, again }, signal)),
    // The person may name what the configuration names too.
    onSkipped: (what) => void (skipped.includes(what) || skipped.push(what)),
    logger,
  });
  skipped.unshift(...(await certificatesAndAgentKeys(config, credentials)));
  return planAuthentication({
    ssh2,
    subject,
    identities,
    password: credentials.password,
    methods: config.authenticationMethods,
    interaction,
    signal,
    asking: (question) => timer.paused(question),
    mayAsk: () => request.beforeAsking === "go-on" || skipped.length === 0,
    abandon: fail,
  });
}

/** Drops agents that accept a connection and never answer: tells the user and goes on with other keys. */
async function withoutSilentAgents(
  { config, credentials, interaction, logger }: OpenRequest,
  facts: Attempt["facts"],
): Promise<HostConfig> {
  const isWanted = credentials.useAgent !== false && credentials.onlyGiven !== true;
  const asked = isWanted ? config.agents : [];
  const answers = await Promise.all(asked.map(askAgent));
  const silent = asked.filter((_, index) => answers[index]?.kind === "silent");
  for (const address of silent) {
    facts.silentAgent = address;
    logger.warn(`the agent at ${address} does not answer: its keys are not used`);
    interaction.notify({ kind: "silent-agent", address });
  }
  return { ...config, agents: asked.filter((address) => !silent.includes(address)) };
}

/** Hands the key that the server shows to our own check, before anything else is sent. */
function hostVerifierOf(
  request: OpenRequest,
  { at, facts, timer, signal, fail }: Attempt,
  name: string,
  onKey: () => void,
): NonNullable<ConnectConfig["hostVerifier"]> {
  const { config, knownHosts, interaction, options, hasNoCertificate } = request;
  return (blob: Buffer, verified: (valid: boolean) => void): void => {
    options.onProgress?.("verifying-host-key");
    onKey();
    const question = verifyHostKey(blob, {
      at,
      name,
      foreignFiles: config.knownHostsFiles,
      unknownHostKey: config.unknownHostKey,
      knownHosts,
      interaction,
      signal,
      hasNoCertificate,
    });
    timer
      .paused(() => question)
      .then((key) => {
        // No answer after the attempt is over: ssh2 throws when the link is gone.
        if (signal.aborted) return;
        facts.hostKey = key;
        options.onProgress?.("authenticating");
        timer.start(loginLimit);
        verified(true);
      })
      // A failed attempt closes the link, so the server needs no answer.
      .catch(fail);
  };
}
