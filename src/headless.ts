import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import * as l10n from "@vscode/l10n";
import { absoluteFolder } from "./headless/absoluteFolder.js";
import { type App, createApp } from "./app.js";
import { Cancelled } from "./common/failure.js";
import { type Logger, readableLogger, silentLogger } from "./common/logger.js";
import { type Command, type HostCommand, parseCommand, usage } from "./headless/arguments.js";
import { UsageError } from "./headless/commandLine.js";
import { diagnose } from "./headless/diagnose.js";
import { listEnvironments } from "./headless/envs.js";
import { enterJob } from "./headless/enterJob.js";
import { exitStatus, interruptedBy } from "./headless/exitStatus.js";
import { hearOutputGone, outputStatus, watchOutput } from "./headless/output.js";
import { openViewer } from "./headless/open.js";
import { runRelay } from "./headless/relay.js";
import { relayUsage } from "./headless/relayArguments.js";
import { serve } from "./headless/serve.js";
import { replaceHostKey } from "./headless/replaceHostKey.js";
import { report } from "./headless/report.js";
import { printStatus } from "./headless/status.js";
import { terminalInteraction } from "./headless/terminalInteraction.js";
import { movedPort } from "./messages/viewerWords.js";
import type { Connection } from "./ssh/model/connection.js";
import { parseTarget } from "./ssh/model/target.js";
import { thisMachine } from "./ssh/model/thisMachine.js";

/** Milliseconds for stopping viewers and jobs on hosts. */
const closeLimit = 60_000;
/** Milliseconds to flush the output. */
const exitGrace = 1_000;
/** Milliseconds in which a second SIGINT is the same Ctrl-C. */
const samePress = 500;

async function main(): Promise<number> {
  speakTheUsersLanguage();
  const password = takeFromEnvironment("RUNICORN_SSH_PASSWORD");
  let command: Command;
  try {
    command = parseCommand(process.argv.slice(2), process.env);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${usage}`);
    return exitStatus.usage;
  }
  switch (command.kind) {
    case "help":
      process.stdout.write(usage);
      return exitStatus.done;
    case "version":
      process.stdout.write(`${version()}\n`);
      return exitStatus.done;
    case "serve":
      return runUntilSignal(
        (app, signal) =>
          serve(app, command, { version: version(), logger: loggerFor(command.verbose) }, signal),
        command,
      );
    case "known-hosts":
      return runUntilSignal((app, signal) => replaceHostKey(app, command, signal), command);
    case "relay":
      if (command.help) {
        process.stdout.write(relayUsage);
        return exitStatus.done;
      }
      return runUntilSignal((app, signal) => runRelay(app, command, signal), command);
    case "diagnose": {
      let status: number = exitStatus.done;
      const ended = await runUntilSignal(async (app, signal) => {
        const { request, interaction } = loginOf(command, password);
        status = await diagnose(app, request, interaction, { json: command.json, signal });
      }, command);
      return ended === exitStatus.done ? status : ended;
    }
    case "envs":
    case "status":
    case "open":
      return runUntilSignal(async (app, signal) => {
        const connection = await connect(app, command, password, signal);
        if (command.kind === "open") await openIn(app, connection, command, password, signal);
        else if (command.kind === "status") await printStatus(app, connection, command);
        else await listEnvironments(app, connection, command.json, signal);
      }, command);
  }
}

/**
 * Runs the command, and always closes the app after it.
 * @returns the exit status: 128 + n for a command that a signal interrupted; 0 for one that runs until a signal.
 */
async function runUntilSignal(
  work: (app: App, signal: AbortSignal) => Promise<void>,
  options: {
    readonly dataFolder: string;
    readonly verbose: boolean;
    readonly graceSeconds?: number;
    readonly allowPortOn?: readonly string[];
    readonly before?: readonly string[];
  },
): Promise<number> {
  const { dataFolder, verbose, graceSeconds, allowPortOn = [] } = options;
  const stop = new AbortController();
  let isStopping = false;
  let interruptedAt: number | undefined;
  let interrupted: number | undefined;
  const stopNow = (): void => {
    isStopping = true;
    stop.abort(new Cancelled());
  };
  let whatIsLeft = (): readonly string[] => [];
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      // A second Ctrl-C exits without waiting for the host. npm and make pass the first one on: then it comes twice at once.
      if (signal === "SIGINT" && performance.now() - (interruptedAt ?? Infinity) > samePress)
        endNow(exitStatus.failed, [l10n.t("Ended before the host confirmed it."), ...whatIsLeft()]);
      interruptedAt ??= performance.now();
      interrupted ??= interruptedBy(signal);
      stopNow();
    });
  }
  hearOutputGone(stopNow);
  const app = await createApp({
    dataFolder: absoluteFolder(dataFolder),
    home: homedir(),
    environment: process.env,
    logger: loggerFor(verbose),
    onMoved: (before, now) => process.stderr.write(`${movedPort(before, now)}\n`),
    ...(options.before && { linesBefore: options.before }),
    mayListenOnPort: (host) => allowPortOn.includes(host),
    ...(graceSeconds !== undefined && { graceSeconds: () => graceSeconds }),
  });
  whatIsLeft = () => leftBy(app);
  let status: number = exitStatus.done;
  try {
    await work(app, stop.signal);
  } catch (error) {
    status = isStopping && error instanceof Cancelled ? (interrupted ?? status) : report(error);
  }
  const timer = setTimeout(
    () => endNow(exitStatus.failed, [l10n.t("Stopping takes too long."), ...whatIsLeft()]),
    closeLimit,
  );
  try {
    await app.close("stop");
  } catch (error) {
    // Report an unconfirmed stop, too, but keep the status of the first failure.
    const last = report(error);
    status = status === exitStatus.done ? last : status;
  }
  clearTimeout(timer);
  for (const text of unknownJobs(app)) process.stderr.write(`${text}\n`);
  return status;
}

/** What to say of viewers and jobs that may be left if this process ends now. */
function leftBy(app: App): readonly string[] {
  const left = l10n.t("What is left on the host ends by itself when its grace time is over.");
  return [...(app.viewers.sessions.length > 0 ? [left] : []), ...unknownJobs(app)];
}

function unknownJobs({ slurm }: App): readonly string[] {
  return slurm.isUnsettled
    ? [l10n.t("The cluster has not answered. On the host, squeue --me shows whether a job is left.")]
    : [];
}

function endNow(status: number, sentences: readonly string[]): never {
  process.stderr.write(`${sentences.join(" ")}\n`);
  process.exit(status);
}

/** Exits soon, even if a socket is still open, such as that of a stuck ssh-agent. */
function endSoon(status: number): void {
  process.exitCode = outputStatus() ?? status;
  setTimeout(() => process.exit(), exitGrace).unref();
}

/** Returns the connect request and the interaction of a command. */
function loginOf({ host, identityFile, acceptHostKey }: HostCommand, password: string | undefined) {
  const interaction = terminalInteraction({ acceptHostKey, password, attended: process.stdin.isTTY });
  const credentials = identityFile === undefined ? {} : { credentials: { identityFiles: [identityFile] } };
  const target = host === undefined ? thisMachine : parseTarget(host);
  return { request: { target, ...credentials }, interaction };
}

/** Starts a viewer on the host, or in a Slurm job. */
async function openIn(
  app: App,
  connection: Connection,
  command: Extract<Command, { kind: "open" }>,
  password: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (!command.job) return openViewer(app, connection, command, signal);
  const { interaction } = loginOf(command, password);
  const inside = await enterJob(app, connection, command.job, interaction, signal);
  try {
    await openViewer(app, inside, command, signal);
  } finally {
    // Do not leave a job without a viewer.
    await app.disconnect(inside.id);
  }
}

function connect(
  app: App,
  command: HostCommand,
  password: string | undefined,
  signal: AbortSignal,
): Promise<Connection> {
  const { request, interaction } = loginOf(command, password);
  return app.connections.connect(request, interaction, {
    signal,
    onProgress: (phase) => {
      if (phase === "waiting-for-touch") console.error(l10n.t("Your security key waits: touch it."));
    },
  });
}

/** Reads and removes an environment variable, so that child processes such as a ProxyCommand do not inherit the secret. */
function takeFromEnvironment(name: string): string | undefined {
  const value = process.env[name];
  delete process.env[name];
  return value;
}

function speakTheUsersLanguage(): void {
  const language = process.env["LC_ALL"] || process.env["LC_MESSAGES"] || process.env["LANG"] || "";
  if (!/^zh[_-](CN|SG|Hans)/i.test(language)) return;
  const bundle = join(__dirname, "..", "l10n", "bundle.l10n.zh-cn.json");
  l10n.config({ contents: readFileSync(bundle, "utf8") });
}

function version(): string {
  const manifest = JSON.parse(readFileSync(join(__dirname, "..", "package.json"), "utf8")) as {
    version: string;
  };
  return manifest.version;
}

const line =
  (level: string) =>
  (message: string): void =>
    void process.stderr.write(`${new Date().toISOString()} ${level} ${message}\n`);

function loggerFor(verbose: boolean): Logger {
  return verbose ? readableLogger(standardErrorLogger) : silentLogger;
}

const standardErrorLogger: Logger = {
  debug: line("debug"),
  info: line("info"),
  warn: line("warn"),
  error: line("error"),
};

watchOutput();
main().then(endSoon, (error: unknown) => endSoon(report(error)));
