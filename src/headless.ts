import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import * as l10n from "@vscode/l10n";
import { type App, createApp } from "./app.js";
import { Cancelled } from "./common/failure.js";
import { type Logger, silentLogger } from "./common/logger.js";
import { type Command, type HostCommand, parseCommand, usage } from "./headless/arguments.js";
import { listEnvironments } from "./headless/envs.js";
import { exitStatus } from "./headless/exitStatus.js";
import { openViewer } from "./headless/open.js";
import { runRelay } from "./headless/relay.js";
import { relayUsage } from "./headless/relayArguments.js";
import { serve } from "./headless/serve.js";
import { UsageError } from "./headless/usageError.js";
import { report } from "./headless/report.js";
import { terminalInteraction } from "./headless/terminalInteraction.js";
import type { Connection } from "./ssh/connection.js";
import { parseTarget } from "./ssh/target.js";

async function main(): Promise<number> {
  speakTheUsersLanguage();
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
    case "relay":
      if (command.help) {
        process.stdout.write(relayUsage);
        return exitStatus.done;
      }
      return runUntilSignal((app, signal) => runRelay(app, command, signal), command);
    case "envs":
    case "open":
      return runUntilSignal(async (app, signal) => {
        const connection = await connect(app, command, signal);
        if (command.kind === "envs") await listEnvironments(app, connection, command.json, signal);
        else await openViewer(app, connection, command, signal);
      }, command);
  }
}

/** Does the command, and leaves nothing behind whatever happens. */
async function runUntilSignal(
  work: (app: App, signal: AbortSignal) => Promise<void>,
  options: { readonly dataFolder: string; readonly verbose: boolean; readonly graceSeconds?: number },
): Promise<number> {
  const { dataFolder, verbose, graceSeconds } = options;
  const stop = new AbortController();
  let stoppedBySignal = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      stoppedBySignal = true;
      stop.abort(new Cancelled());
    });
  }
  const app = await createApp({
    dataFolder: resolve(dataFolder),
    home: homedir(),
    environment: process.env,
    logger: loggerFor(verbose),
    ...(graceSeconds !== undefined && { graceSeconds: () => graceSeconds }),
  });
  try {
    await work(app, stop.signal);
    return exitStatus.done;
  } catch (error) {
    return stoppedBySignal && error instanceof Cancelled ? exitStatus.done : report(error);
  } finally {
    await app.close("stop");
  }
}

function connect(app: App, command: HostCommand, signal: AbortSignal): Promise<Connection> {
  const { identityFile, acceptHostKey } = command;
  const interaction = terminalInteraction({
    acceptHostKey,
    password: process.env["RUNICORN_SSH_PASSWORD"],
    attended: process.stdin.isTTY,
  });
  const credentials = identityFile === undefined ? {} : { credentials: { identityFiles: [identityFile] } };
  return app.connections.connect({ target: parseTarget(command.host), ...credentials }, interaction, {
    signal,
    onProgress: (phase) => {
      if (phase === "waiting-for-touch") console.error(l10n.t("Your security key waits: touch it."));
    },
  });
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
  return verbose ? standardErrorLogger : silentLogger;
}

const standardErrorLogger: Logger = {
  debug: line("debug"),
  info: line("info"),
  warn: line("warn"),
  error: line("error"),
};

main().then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    process.exitCode = report(error);
  },
);
