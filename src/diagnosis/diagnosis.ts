import { Cancelled, Failure, orCancelled, throwIfCancelled } from "../common/failure.js";
import { timeLimit } from "../common/async/timeLimit.js";
import type { Logger } from "../common/logger.js";
import { createEnvironments, type Environments } from "../environments/environments.js";
import type { LinesBefore } from "../environments/lines/lines.js";
import { createConfigReader } from "../ssh/config/config.js";
import { endpointOf } from "../ssh/config/endpoint.js";
import { withJump } from "../ssh/config/hostConfig.js";
import type { SshProgram } from "../ssh/config/sshProgram.js";
import type { Connections } from "../ssh/connections.js";
import type { ConnectRequest } from "../ssh/model/connectRequest.js";
import type { Connection, Endpoint } from "../ssh/model/connection.js";
import type { SshFailure } from "../ssh/model/failures.js";
import type { Interaction } from "../ssh/model/interaction.js";
import { formatTarget } from "../ssh/model/target.js";
import {
  countSessions,
  findPython,
  findRunicorn,
  type Found,
  judgeClock,
  tryDisk,
  tryForwarding,
  trySftp,
  tryShell,
} from "./onHost.js";
import { causeOf, type DiagnosisReport, type DiagnosisStep, type StepId, stepIds } from "./report.js";
import { stepOfFailure } from "./stepOfFailure.js";
import { findName, openTcp, readBanner } from "./wire.js";

export interface DiagnoseOptions {
  readonly signal: AbortSignal;
  /** Hears which step begins, and each that is over. */
  readonly onStep?: ((event: StepEvent) => void) | undefined;
}

export type StepEvent =
  { readonly kind: "begins"; readonly id: StepId } | { readonly kind: "over"; readonly step: DiagnosisStep };

/** Finds out why a host cannot be used, step by step, by connections of its own that are closed at the end. */
export interface Diagnosis {
  /** Never rejects but with Cancelled: what goes wrong is in the report. Nothing secret is in it. */
  diagnose(
    request: ConnectRequest,
    interaction: Interaction,
    options: DiagnoseOptions,
  ): Promise<DiagnosisReport>;
}

export interface DiagnosisSource {
  readonly program: SshProgram;
  /** A pool of its own: what is open already says little of how one gets there. */
  readonly createConnections: () => Connections;
  /** What is to run on hosts before a Python. Default: nothing. */
  readonly linesBefore?: LinesBefore | undefined;
  readonly logger: Logger;
}

export function createDiagnosis({
  program,
  createConnections,
  linesBefore,
  logger,
}: DiagnosisSource): Diagnosis {
  return {
    diagnose: async (request, interaction, { signal, onStep }) => {
      const steps = new Steps(signal, onStep);
      const connections = createConnections();
      try {
        const readConfig = createConfigReader({ program, logger });
        const { target, jump } = request;
        const endpoint = await steps.valueOf("name", async () => {
          const read = endpointOf(withJump(await readConfig(target), jump), target);
          const found = read.via === undefined ? await findName(read, signal) : read.via;
          return { value: read, found };
        });
        if (endpoint?.via === undefined) await lookAtWire(steps, endpoint, signal);
        const connection = endpoint && (await login(steps, connections, request, interaction, signal));
        const environments = createEnvironments({ lines: linesBefore });
        if (connection) await lookAtHost(steps, connection, environments, signal);
        return steps.report(formatTarget(target));
      } finally {
        await connections.closeAll();
      }
    },
  };
}

async function lookAtWire(steps: Steps, endpoint: Endpoint | undefined, signal: AbortSignal): Promise<void> {
  if (!endpoint) return;
  const socket = await steps.valueOf("tcp", async () => {
    const opened = await openTcp(endpoint, signal);
    return { value: opened, found: `${opened.remoteAddress ?? ""} ${endpoint.port}` };
  });
  if (!socket) return;
  try {
    await steps.valueOf("banner", async () => {
      const banner = await readBanner(socket, endpoint, signal);
      return { value: banner, found: banner };
    });
  } finally {
    socket.destroy();
  }
}

/** Key exchange, host key and login are one attempt, as a person's is: a server counts them. */
async function login(
  steps: Steps,
  connections: Connections,
  request: ConnectRequest,
  interaction: Interaction,
  signal: AbortSignal,
): Promise<Connection | undefined> {
  if (steps.hasFailed) return undefined;
  steps.begin("key-exchange");
  try {
    const connection = await connections.connect(request, interaction, {
      signal,
      onProgress: (phase) => {
        if (phase === "verifying-host-key") steps.pass("key-exchange", "host-key");
        if (phase.startsWith("authenticating")) steps.pass("host-key", "login");
      },
    });
    steps.pass("login", undefined, connection.endpoint.user);
    return connection;
  } catch (error) {
    throwIfCancelled(signal);
    steps.fail(stepOfFailure(error) ?? steps.current ?? "login", error);
    return undefined;
  }
}

async function lookAtHost(
  steps: Steps,
  connection: Connection,
  environments: Environments,
  signal: AbortSignal,
): Promise<void> {
  const { host } = connection.target;
  const run = (id: StepId, work: (signal: AbortSignal) => Promise<Found>): Promise<boolean> =>
    steps.run(id, () => within(stepLimit, host, signal, work));
  await run("shell", (signal) => tryShell(connection, signal));
  const hasShell = !steps.hasFailed;
  await run("forwarding", () => tryForwarding(connection));
  await run("sftp", (signal) => trySftp(connection, signal));
  // Without a shell all that follows would only say the same again.
  if (!hasShell) return;
  await run("sessions", (signal) => countSessions(connection, signal));
  let secondsAhead: number | undefined;
  await run("disk", async (signal) => {
    const { folder, secondsAhead: ahead } = await tryDisk(connection, signal);
    secondsAhead = ahead;
    return { found: folder };
  });
  const hasPython = await run("python", (signal) => findPython(connection, environments, signal));
  if (hasPython) await run("runicorn", (signal) => findRunicorn(connection, environments, signal));
  const ahead = secondsAhead;
  if (ahead !== undefined) {
    await steps.run("clock", () => Promise.resolve(judgeClock(connection.target.host, ahead)));
  }
}

/** Milliseconds for a step on the host that does not end by limits of its own, which are shorter. */
const stepLimit = 60_000;

/** Does a step until it is not wanted any longer, or its time is up. @throws Cancelled, Failure `exec-timed-out`. */
async function within(
  milliseconds: number,
  host: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Found>,
): Promise<Found> {
  const limit = timeLimit(milliseconds);
  const either = AbortSignal.any([signal, limit]);
  try {
    return await orCancelled(work(either), either);
  } catch (error) {
    if (!limit.aborted || signal.aborted || !(error instanceof Cancelled)) throw error;
    throw new Failure<SshFailure>({ code: "exec-timed-out", host, seconds: milliseconds / 1000 });
  }
}

/** The steps as they are done: each once, with its time. */
class Steps {
  readonly #done = new Map<StepId, DiagnosisStep>();
  readonly #signal: AbortSignal;
  readonly #onStep: (event: StepEvent) => void;
  #current: { readonly id: StepId; readonly since: number } | undefined;

  constructor(signal: AbortSignal, onStep: (event: StepEvent) => void = () => undefined) {
    this.#signal = signal;
    this.#onStep = onStep;
  }

  get current(): StepId | undefined {
    return this.#current?.id;
  }

  get hasFailed(): boolean {
    return [...this.#done.values()].some(({ state }) => state === "failed");
  }

  begin(id: StepId): void {
    this.#current = { id, since: performance.now() };
    this.#onStep({ kind: "begins", id });
  }

  /** Ends a step that is under way, and begins the next one. One that is over already stays as it is. */
  pass(id: StepId, next?: StepId, found = ""): void {
    if (this.#done.has(id)) return;
    if (this.#current?.id !== id) this.begin(id);
    this.#end({ id, state: "passed", found });
    if (next) this.begin(next);
  }

  fail(id: StepId, error: unknown): void {
    const finding = error instanceof Failure ? error.detail : { code: "unexpected", said: String(error) };
    this.#end({ id, state: "failed", found: "", finding });
  }

  /** @returns whether it did not fail. @throws Cancelled */
  async run(id: StepId, work: () => Promise<Found>): Promise<boolean> {
    throwIfCancelled(this.#signal);
    this.begin(id);
    try {
      const { found, warning } = await work();
      this.#end({ id, state: warning ? "warned" : "passed", found, ...(warning && { finding: warning }) });
      return true;
    } catch (error) {
      if (error instanceof Cancelled) throw error;
      throwIfCancelled(this.#signal);
      this.fail(id, error);
      return false;
    }
  }

  /** The same for a step whose result the next one needs. */
  async valueOf<T>(id: StepId, work: () => Promise<{ value: T; found: string }>): Promise<T | undefined> {
    let value: T | undefined;
    await this.run(id, async () => {
      const done = await work();
      value = done.value;
      return { found: done.found };
    });
    return value;
  }

  report(target: string): DiagnosisReport {
    const steps = stepIds.map(
      (id): DiagnosisStep => this.#done.get(id) ?? { id, state: "skipped", milliseconds: 0, found: "" },
    );
    return { target, steps, cause: causeOf(steps) };
  }

  #end(step: Omit<DiagnosisStep, "milliseconds">): void {
    const since = this.#current?.since ?? performance.now();
    const done = { ...step, milliseconds: Math.round(performance.now() - since) };
    this.#current = undefined;
    this.#done.set(step.id, done);
    this.#onStep({ kind: "over", step: done });
  }
}
