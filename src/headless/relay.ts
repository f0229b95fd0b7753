import * as l10n from "@vscode/l10n";
import type { App } from "../app.js";
import { aborted } from "../common/async/pause.js";
import { errorCodeOf } from "../common/files/errorCode.js";
import { readOwnSecret } from "../common/files/ownSecret.js";
import { displayText } from "../common/text/displayText.js";
import { Failure } from "../common/failure.js";
import { linkProblemText } from "../messages/linkProblemText.js";
import type { RelayStartFailure } from "../relay/protocol/failures.js";
import type { RelayStatus } from "../relay/status.js";
import type { RelayCommandLine } from "./relayArguments.js";

/**
 * Runs the relay agent until `signal` is aborted. Prints changes of its connection on standard output.
 * @throws Failure with a `RelayStartFailure`.
 */
export async function runRelay(app: App, command: RelayCommandLine, signal: AbortSignal): Promise<void> {
  const apiKey = await readApiKey(command.apiKeyFile);
  const { url, proxyId, transport, allowInsecure, limit, perHost } = command;
  app.relay.onUnknownHostKey(({ host, port, key }) => {
    const where = `${displayText(host)}:${port}`;
    process.stderr.write(`${l10n.t("Unknown host key of {0}: {1}", where, key.fingerprint)}\n`);
  });
  let said = "";
  app.relay.onDidChange(() => {
    const text = linkText(app.relay.status);
    if (text === said) return;
    said = text;
    process.stdout.write(`${text}\n`);
  });
  await app.relay.start({
    server: { url, proxyId, apiKey, transport, allowInsecure },
    allowedHosts: command.allowedHosts,
    allowedCommands: command.allowedCommands,
    acceptedHostKeys: command.acceptedHostKeys,
    caFile: command.caFile,
    keepCommands: command.keepCommands,
    limits: {
      ...(limit !== undefined && { overall: limit }),
      ...(perHost !== undefined && { perHost }),
    },
  });
  await aborted(signal);
  await app.relay.stop();
}

function linkText(status: RelayStatus | undefined): string {
  if (!status) return l10n.t("The relay agent is stopped.");
  const { link, url } = status;
  switch (link.kind) {
    case "connecting":
      return l10n.t("Connecting to {0}…", url);
    case "connected":
      return l10n.t("Connected to {0}.", url);
    case "waiting":
      return `${linkProblemText(link.problem)} ${l10n.t("Trying again soon.")}`;
  }
}

/** Reads the key, and trims white space such as the newline at the end of the file. */
async function readApiKey(file: string): Promise<string> {
  try {
    return (await readOwnSecret(file)).toString("utf8").trim();
  } catch (error) {
    if (error instanceof Failure) throw error;
    const reason = errorCodeOf(error) ?? "unreadable";
    throw new Failure<RelayStartFailure>({ code: "relay-key-unreadable", file, reason });
  }
}
