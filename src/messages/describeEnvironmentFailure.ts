import * as l10n from "@vscode/l10n";
import { sizeText } from "../common/text/sizeText.js";
import { tellingLine } from "../common/text/tellingLine.js";
import { lacksLibrary } from "../environments/environment.js";
import type { EnvironmentFailure } from "../environments/failures.js";
import type { ViewerFailure } from "../viewer/failures.js";
import { type FailureWords, quoted, words } from "./failureWords.js";
import { hostName } from "./hostName.js";

/** Advice for a Python that does not find a shared library or module. */
export function adviceOnLines(): string {
  return l10n.t(
    "If it needs a module or a variable on this host, enter lines to run before, such as module load python.",
  );
}

/** Describes failures of Python environments. */
export function describeEnvironmentFailure(
  failure: EnvironmentFailure | Extract<ViewerFailure, { code: "environment-broken" }>,
): FailureWords {
  switch (failure.code) {
    case "environment-probe-failed":
      return words(
        l10n.t("The Python environments of {0} could not be listed.", hostName(failure.host)),
        l10n.t("The log holds what the host said."),
        { action: "show-log", output: failure.output },
      );
    case "runicorn-install-failed":
      if (failure.isOffline)
        return words(
          l10n.t(
            "Runicorn could not be installed in {0}: the host reaches no package index that has it.",
            quoted(failure.environment),
          ),
          l10n.t("This machine can fetch the packages and copy them there."),
          { action: "show-output", output: failure.output },
        );
      return words(
        l10n.t("Runicorn could not be installed in {0}.", quoted(failure.environment)),
        l10n.t("The output of pip says why. Choose another environment, or install it in a terminal."),
        { action: "show-output", output: failure.output },
      );
    case "environment-not-found":
      return words(
        l10n.t("{0} has no Python environment {1}.", hostName(failure.host), quoted(failure.environment)),
        l10n.t("List the environments to see their names."),
        { action: "choose-environment" },
      );
    case "no-environment-with-runicorn":
      return words(
        l10n.t("Runicorn is not installed in any Python environment of {0}.", hostName(failure.host)),
        l10n.t("Install it with pip in one of them, or sync the runs to see them without it."),
        { action: "sync-runs" },
      );
    case "environment-broken":
      if (lacksLibrary({ problem: failure.output }))
        return words(brokenPython(failure.environment, failure.output), adviceOnLines(), {
          action: "edit-lines",
          output: failure.output,
        });
      return words(
        brokenPython(failure.environment, failure.output),
        l10n.t("Choose another environment, or repair this one on the host."),
        { action: "choose-environment", output: failure.output },
      );
    case "lines-failed":
      return words(failedLine(failure), l10n.t("Correct the lines in the connection, or remove them."), {
        action: "edit-lines",
        output: failure.output,
      });
    case "local-pip-missing":
      return words(
        l10n.t("This machine has no Python with pip, which fetches the packages for the host."),
        l10n.t(
          "Install Python here and try again, or run this on a machine that has it: {0}",
          failure.command,
        ),
        { output: failure.command },
      );
    case "packages-not-fetched":
      return words(
        l10n.t(
          "The pip of this machine could not fetch Runicorn for the host: {0}",
          quoted(lastLine(failure.output)),
        ),
        l10n.t("Check the network of this machine, and the proxy and index settings of its pip."),
        { action: "show-output", output: failure.output },
      );
    case "packages-too-large":
      return tooLarge(failure.most);
  }
}

/** @param most bytes that may be fetched. */
function tooLarge(most: number): FailureWords {
  return words(
    l10n.t("The pip of this machine was stopped: it fetched more than {0} for the host.", sizeText(most)),
    l10n.t("Check which index its settings name: Runicorn and what it needs are much smaller."),
    { action: "show-output" },
  );
}

function failedLine({
  host,
  line,
  seconds,
  output,
}: Extract<EnvironmentFailure, { code: "lines-failed" }>): string {
  const said = quoted(tellingLine(output));
  if (seconds !== undefined)
    return l10n.t(
      "Line {0} of the lines to run before did not end on {1} within {2} seconds.",
      line,
      hostName(host),
      seconds,
    );
  if (line === 0)
    return l10n.t("The shell that runs lines before did not start on {0}: {1}", hostName(host), said);
  return said === ""
    ? l10n.t("Line {0} of the lines to run before failed on {1}.", line, hostName(host))
    : l10n.t("Line {0} of the lines to run before failed on {1}: {2}", line, hostName(host), said);
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}

/** Includes the relevant line of its output, mostly a missing library. */
function brokenPython(environment: string, output: string): string {
  const line = tellingLine(output);
  return line === ""
    ? l10n.t("The Python of {0} does not run.", quoted(environment))
    : l10n.t("The Python of {0} does not run: {1}", quoted(environment), quoted(line));
}
