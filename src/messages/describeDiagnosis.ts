import * as l10n from "@vscode/l10n";
import { displayText } from "../common/text/displayText.js";
import { type Finding, isOwnFinding, type OwnFinding } from "../diagnosis/findings.js";
import type { DiagnosisReport, DiagnosisStep, StepId } from "../diagnosis/report.js";
import { describeFailure } from "./describeFailure.js";
import { type FailureWords, quoted, words } from "./failureWords.js";

/** Returns the name of a step. */
export function stepName(id: StepId): string {
  switch (id) {
    case "name":
      return l10n.t("Host name");
    case "tcp":
      return l10n.t("TCP connection");
    case "banner":
      return l10n.t("SSH server");
    case "key-exchange":
      return l10n.t("Key exchange");
    case "host-key":
      return l10n.t("Host key");
    case "login":
      return l10n.t("Login");
    case "shell":
      return l10n.t("Shell and start-up files");
    case "forwarding":
      return l10n.t("Port forwarding");
    case "sftp":
      return l10n.t("SFTP");
    case "sessions":
      return l10n.t("Sessions at once");
    case "disk":
      return l10n.t("Disk");
    case "python":
      return l10n.t("Python");
    case "runicorn":
      return l10n.t("Runicorn");
    case "clock":
      return l10n.t("Clock");
  }
}

/** Describes the finding of a step. */
export function describeFinding(finding: Finding): FailureWords {
  return isOwnFinding(finding) ? describeOwn(finding) : describeFailure(finding);
}

function describeOwn(finding: OwnFinding): FailureWords {
  const host = quoted(finding.host);
  switch (finding.code) {
    case "wrong-banner":
      return words(
        l10n.t("Port {0} of {1} is no SSH server: it says {2}", finding.port, host, quoted(finding.said)),
        l10n.t("Check the port. A proxy or a web server may stand there."),
      );
    case "start-files-print":
      return words(
        l10n.t("The start-up files of {0} print something: {1}", host, quoted(finding.printed)),
        l10n.t(
          "It is passed over here, but scp, rsync and git fail of it. Let only a terminal see it: case $- in *i*) …;; esac",
        ),
      );
    case "not-writable":
      return words(
        l10n.t(
          "Nothing can be written in {0} on {1}: {2}",
          quoted(finding.folder),
          host,
          quoted(finding.reason),
        ),
        l10n.t("The disk or your quota is full, or the folder is read-only. Make room there."),
      );
    case "no-python":
      return words(
        l10n.t("No Python was found on {0}.", host),
        l10n.t("Install Python 3.8 or later there, or make an environment with conda or uv."),
      );
    case "no-runicorn":
      return words(
        l10n.t("None of the {0} Python environments of {1} has Runicorn.", finding.environments, host),
        l10n.t("Install it in one of them: python -m pip install runicorn"),
      );
    case "clock-differs":
      return words(
        finding.seconds > 0
          ? l10n.t("The clock of {0} is {1} seconds ahead of this machine's.", host, finding.seconds)
          : l10n.t("The clock of {0} is {1} seconds behind this machine's.", host, -finding.seconds),
        l10n.t("Times of runs are shifted by that much. Set one of the clocks."),
      );
  }
}

/** Returns the cause in one line, or that every step passed. */
export function diagnosisHeadline({ target, cause }: DiagnosisReport): string {
  if (!cause?.finding) return l10n.t("{0} can be used: every step passed.", displayText(target));
  return `${stepName(cause.id)}: ${describeFinding(cause.finding).message}`;
}

/** Formats a step in one line: mark, name, time and result. */
export function stepLine({ id, state, milliseconds, found, finding }: DiagnosisStep): string {
  const mark = { passed: "✓", warned: "!", failed: "✗", skipped: "–" }[state];
  const time = state === "skipped" ? l10n.t("skipped") : `${milliseconds} ms`;
  const said = finding ? describeFinding(finding).message : displayText(found);
  return [`${mark} ${stepName(id)}`, time, said].filter(Boolean).join("  ");
}

/** Formats the whole report, the cause first, for a terminal or to send to an administrator. */
export function diagnosisText(report: DiagnosisReport): string {
  const finding = report.cause?.finding;
  const { advice, output } = finding ? describeFinding(finding) : { advice: "", output: undefined };
  const quotedOutput =
    (output ?? "").trim() === ""
      ? []
      : [
          "",
          ...(output ?? "")
            .trim()
            .split("\n")
            .map((line) => `  | ${displayText(line)}`),
        ];
  return [
    diagnosisHeadline(report),
    ...(advice === "" ? [] : [advice]),
    ...quotedOutput,
    "",
    ...report.steps.map(stepLine),
    "",
  ].join("\n");
}
