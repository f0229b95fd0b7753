import { createHmac, randomBytes } from "node:crypto";
import { Emitter, type Event } from "../common/async/event.js";
import { createSharedWork } from "../common/async/sharedWork.js";
import { Failure, orCancelled } from "../common/failure.js";
import { createConfigReader, type ReadConfig } from "./config/config.js";
import { endpointOf } from "./config/endpoint.js";
import { withJump } from "./config/hostConfig.js";
import { rememberAnswers } from "./login/rememberedAnswers.js";
import { type Connection, type Endpoint, endpointId } from "./model/connection.js";
import type { ConnectOptions, ConnectRequest, Credentials } from "./model/connectRequest.js";
import { isSshFailure, type SshFailure } from "./model/failures.js";
import type { Interaction } from "./model/interaction.js";
import { type JobPlace, jobOf } from "./model/jobTarget.js";
import { formatTarget, type Target } from "./model/target.js";
import { isThisMachine, thisMachine } from "./model/thisMachine.js";
import { createRouteOpener, type RouteOpenerOptions } from "./openRoute.js";
import type { Origin, Pool } from "./pool.js";
import { createLocalConnection } from "./thisMachine/localConnection.js";

/** Opens a connection into a job behind a login node. @throws Failure, or Cancelled. */
export type OpenJob = (
  login: Connection,
  jobId: string,
  interaction: Interaction,
  signal: AbortSignal,
) => Promise<Connection>;

export interface OpenerOptions extends Omit<RouteOpenerOptions, "readConfig"> {
  /** Default: nothing leads into jobs. */
  readonly openJob?: OpenJob | undefined;
}

export interface OpenOptions extends ConnectOptions {
  /** Waits for the end of a connection that is being ended there. Without it, that one counts as gone. Default false. */
  readonly waits?: boolean;
}

/** Gives the connection to a place from the pool, or puts a new one there: to a host, to this machine, into a job. */
export interface Opener {
  /** Where connections are being opened now, each as often as it is asked for. */
  readonly connecting: readonly Target[];
  readonly onDidChangeConnecting: Event<void>;
  /** The open connection for this request. @throws Cancelled */
  present(request: ConnectRequest, signal?: AbortSignal): Promise<Connection | undefined>;
  /** The same, or a new one. Two callers at once share one attempt. @throws Failure with an `SshFailure`, or Cancelled. */
  open(origin: Origin, interaction: Interaction, options: OpenOptions): Promise<Connection>;
  /** Cancels every attempt. */
  giveUpAll(): void;
  /** Resolves when all connections on routes to hosts are gone. */
  settled(): Promise<void>;
}

export function createOpener(options: OpenerOptions, pool: Pool): Opener {
  const { program, logger, openJob } = options;
  const readConfig = createConfigReader({ program, logger });
  const routes = createRouteOpener({ ...options, readConfig });
  const attempts = createSharedWork<Connection>();
  const connecting = createCalls();

  const lookUp = createLookUp(program.home, readConfig, pool);

  const openHost = async (origin: Origin, interaction: Interaction, options: OpenOptions) => {
    const { request, answers } = origin;
    const { target, address } = request;
    const { credentials, config, endpoint, key, present } = await lookUp(request, options);
    if (present) return present;
    const chain = [endpointId(endpoint)];
    const route = {
      target,
      config,
      credentials,
      onTheWayTo: undefined,
      chain,
      address,
      answers,
      interaction,
    };
    const open = async (signal: AbortSignal): Promise<Connection> => {
      try {
        return pool.keep(key, await routes.open({ ...route, options: { ...options, signal } }), origin);
      } catch (error) {
        if (isSshFailure(error, "authentication-failed")) answers.forget();
        throw error;
      }
    };
    return connecting.during(target, attempts.join(key, open, options.signal));
  };

  const openHere = async (origin: Origin, { waits = false, signal }: OpenOptions): Promise<Connection> => {
    if (waits) await orCancelled(pool.endedTo(thisMachine), signal);
    return pool.keep("", createLocalConnection(program), origin);
  };

  /** The connection to a login node, or one that is opened as it was before. */
  const loginNode = async (login: Target, interaction: Interaction, options: OpenOptions) => {
    const { endpoint, present } = await lookUp({ target: login }, options);
    if (present) return present;
    const origin = pool.originOf(endpointId(endpoint));
    const answers = origin?.answers ?? rememberAnswers(interaction);
    return openHost(origin ?? { request: { target: login }, answers }, interaction, options);
  };

  const openIn = async (job: JobPlace, origin: Origin, interaction: Interaction, options: OpenOptions) => {
    const { target } = origin.request;
    const name = formatTarget(target);
    if (options.waits) await orCancelled(pool.endedTo(target), options.signal);
    const open = async (signal: AbortSignal): Promise<Connection> => {
      if (!openJob) throw new Failure<SshFailure>({ code: "connection-unknown", id: name });
      const login = await loginNode(job.login, interaction, { ...options, signal });
      return pool.keep("", await openJob(login, job.jobId, interaction, signal), origin);
    };
    return pool.to(target) ?? connecting.during(target, attempts.join(name, open, options.signal));
  };

  return {
    get connecting() {
      return connecting.all;
    },
    onDidChangeConnecting: connecting.onDidChange,
    present: async (request, signal) => {
      const { target } = request;
      const isHost = !isThisMachine(target) && !jobOf(target);
      return isHost ? (await lookUp(request, signal ? { signal } : {})).present : pool.to(target);
    },
    open: (origin, interaction, options) => {
      const { target } = origin.request;
      if (isThisMachine(target)) return openHere(origin, options);
      const job = jobOf(target);
      return job ? openIn(job, origin, interaction, options) : openHost(origin, interaction, options);
    },
    giveUpAll: () => attempts.giveUpAll(),
    settled: () => routes.settled(),
  };
}

/** Who is being called now. */
function createCalls() {
  const changed = new Emitter<void>();
  const underWay = new Set<{ readonly target: Target }>();
  return {
    onDidChange: changed.event,
    get all(): readonly Target[] {
      return [...underWay].map(({ target }) => target);
    },
    during: async <T>(target: Target, work: Promise<T>): Promise<T> => {
      const call = { target };
      underWay.add(call);
      changed.fire();
      try {
        return await work;
      } finally {
        underWay.delete(call);
        changed.fire();
      }
    },
  };
}

/** What a request comes to, and the connection that is there for it. */
function createLookUp(home: string, readConfig: ReadConfig, pool: Pool) {
  const keyOf = createCredentialsKey();
  return async (request: ConnectRequest, { signal, waits = false }: OpenOptions) => {
    const { target, address } = request;
    const credentials = withPaths(request.credentials ?? {}, home);
    const from = address === undefined ? "files" : "defaults";
    const config = withJump(await orCancelled(readConfig(target, from), signal), request.jump);
    const endpoint = endpointOf(config, target);
    const key = keyOf(endpoint, credentials);
    if (waits) await orCancelled(pool.ended(endpointId(endpoint)), signal);
    return { credentials, config, endpoint, key, present: pool.reusable(endpoint, key, credentials) };
  };
}

/** A key that tells credentials for an endpoint apart. Only salted hashes are kept, with a salt for this process. */
function createCredentialsKey(): (endpoint: Endpoint, credentials: Credentials) => string {
  const salt = randomBytes(32);
  return (endpoint, credentials) =>
    createHmac("sha256", salt)
      .update(JSON.stringify([endpointId(endpoint), credentials]))
      .digest("hex");
}

function withPaths(credentials: Credentials, home: string): Credentials {
  const { identityFiles } = credentials;
  return identityFiles === undefined
    ? credentials
    : {
        ...credentials,
        identityFiles: identityFiles.map((file) => file.replace(/^~(?=\/|\\|$)/, () => home)),
      };
}
