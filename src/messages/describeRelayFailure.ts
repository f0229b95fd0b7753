import * as l10n from "@vscode/l10n";
import type { RelayFailure } from "../relay/protocol/failures.js";
import { type FailureWords, quoted, words } from "./failureWords.js";

/** Describes failures to start the relay agent, and its answers without a command's output. */
// eslint-disable-next-line max-lines-per-function -- one case for each code, which the compiler counts
export function describeRelayFailure(failure: RelayFailure): FailureWords {
  switch (failure.code) {
    case "relay-url-invalid":
      return words(
        l10n.t("That is not the address of a main server."),
        l10n.t("Write https:// for Socket.IO or wss:// for a plain WebSocket, without user name or query."),
      );
    case "relay-url-insecure":
      return words(
        l10n.t("The way to {0} is not encrypted: passwords would travel in clear.", quoted(failure.host)),
        l10n.t(
          "Use https:// or wss://. In a network that you trust, the setting Relay: Allow Insecure lifts this.",
        ),
      );
    case "relay-id-invalid":
      return words(
        l10n.t("The proxy id is missing or malformed."),
        l10n.t("Ask whoever runs the main server for it."),
      );
    case "relay-key-too-short":
      return words(
        l10n.t("The API key has less than {0} characters.", failure.minimum),
        l10n.t("Ask whoever runs the main server for a longer one."),
      );
    case "relay-host-entry-invalid":
      return words(
        l10n.t("{0} in the list of allowed hosts is neither a name nor an address.", quoted(failure.entry)),
        l10n.t("Write names, globs such as *.lab, addresses, or blocks such as 10.0.0.0/8."),
      );
    case "relay-pattern-invalid":
      return words(
        l10n.t("{0} in the list of allowed commands is not a regular expression.", quoted(failure.pattern)),
        l10n.t("Correct it in the settings."),
      );
    case "relay-ca-unreadable":
      return words(
        l10n.t("The certificates in {0} cannot be read: {1}", quoted(failure.file), quoted(failure.reason)),
        l10n.t("Name a file in PEM format."),
      );
    case "relay-key-unreadable":
      return words(
        l10n.t("The API key in {0} cannot be read: {1}", quoted(failure.file), quoted(failure.reason)),
        l10n.t("Name a file that holds the key and nothing else."),
      );
    case "relay-already-running":
      return words(
        l10n.t("This relay agent runs already, in another window or in a terminal."),
        l10n.t("Stop it there first: two would run commands twice."),
        { action: "retry" },
      );
    case "relay-command-malformed":
      return words(
        l10n.t("The request is not understood: {0} is missing or malformed.", quoted(failure.field)),
        l10n.t("Nothing was run."),
      );
    case "relay-key-encrypted":
      return words(
        l10n.t("The private key is encrypted, and no passphrase can be sent with it."),
        l10n.t("Nothing was run."),
      );
    case "relay-host-not-allowed":
      return words(
        l10n.t("{0} is not among the hosts that this relay agent may reach.", quoted(failure.host)),
        l10n.t("Nothing was run."),
      );
    case "relay-address-not-allowed":
      return words(
        l10n.t(
          "{0} leads to {1}, which this relay agent may not reach.",
          quoted(failure.host),
          quoted(failure.address),
        ),
        l10n.t("Nothing was run."),
      );
    case "relay-command-not-allowed":
      return words(
        l10n.t("This command is not among those that this relay agent may run."),
        l10n.t("Nothing was run."),
      );
    case "relay-busy":
      return words(
        l10n.t("The relay agent is busy: {0} commands are waiting already.", failure.waiting),
        l10n.t("Nothing was run."),
      );
    case "relay-timed-out":
      return words(
        l10n.t("The command took longer than {0} ms.", failure.milliseconds),
        l10n.t("It was ended with all that it had started."),
      );
    case "relay-cancelled":
      return words(
        failure.why === "stopped"
          ? l10n.t("The relay agent was stopped.")
          : l10n.t("The main server stayed away for too long."),
        l10n.t("If the command was running, it was ended with all that it had started."),
      );
    case "relay-never-begun":
      return words(
        l10n.t("The command was not run, because the relay agent ended before its turn came."),
        l10n.t("Send it again under another id."),
      );
    case "relay-interrupted":
      return words(
        l10n.t("The relay agent ended while the command ran."),
        l10n.t("How far it came is not known. It is not run again."),
      );
    case "relay-connection-lost":
      return words(
        l10n.t("The connection to {0} was lost while the command ran.", quoted(failure.host)),
        l10n.t("How far it came is not known. It is not run again."),
      );
    case "relay-runner-ended":
      return words(
        l10n.t(
          "On {0}, the program that runs the agent's commands was ended, and the command with it.",
          quoted(failure.host),
        ),
        l10n.t("How far it came is not known. It is not run again."),
      );
    case "relay-ended-by-signal":
      return words(l10n.t("The command was ended by signal {0}.", quoted(failure.signal)), "");
    case "relay-output-cut":
      return words(
        l10n.t("{0} was cut: {1} of {2} bytes are here.", failure.stream, failure.kept, failure.printed),
        "",
      );
    case "relay-output-gone":
      return words(l10n.t("The command has ended."), l10n.t("Its output is no longer kept."));
  }
}
