import * as l10n from "@vscode/l10n";
import { displayText } from "../../common/text/displayText.js";
import type { DiagnosisReport, DiagnosisStep, StepId } from "../../diagnosis/report.js";
import { stepIds } from "../../diagnosis/report.js";
import { describeFinding, diagnosisHeadline, stepName } from "../../messages/describeDiagnosis.js";
import { formatTarget, type Target } from "../../ssh/model/target.js";
import type { Page, StartingStep } from "../viewers/page.js";

/** The results so far. */
export interface DiagnosisProgress {
  readonly target: Target;
  readonly done: readonly DiagnosisStep[];
  readonly now: StepId | undefined;
  /** Set when finished. */
  readonly report: DiagnosisReport | undefined;
}

/** The page of a diagnosis. */
export function diagnosisPage({ target, done, now, report }: DiagnosisProgress): Page {
  const name = displayText(formatTarget(target));
  const finding = report?.cause?.finding;
  const words = finding ? describeFinding(finding) : undefined;
  const again = [
    { id: "copy", label: l10n.t("Copy Report") },
    { id: "retry", label: l10n.t("Diagnose Again") },
    { id: "connect", label: l10n.t("Connect") },
    { id: "edit-connection", label: l10n.t("Edit Connection") },
    { id: "edit-config", label: l10n.t("Edit SSH Config") },
  ] as const;
  return {
    kind: "starting",
    title: l10n.t("Diagnosis of {0}", name),
    message: report ? diagnosisHeadline(report) : l10n.t("Diagnosing the connection to {0}…", name),
    advice: words?.advice ?? "",
    output: words?.output ?? "",
    steps: shownSteps(done, now, report),
    buttons: report ? again : [{ id: "cancel", label: l10n.t("Cancel") }],
  };
}

/** The page after a reload: earlier results may no longer be true. */
export function earlierDiagnosisPage(target: Target): Page {
  const name = displayText(formatTarget(target));
  return {
    kind: "ended",
    title: l10n.t("Diagnosis of {0}", name),
    message: l10n.t("The connection to {0} was diagnosed in an earlier window.", name),
    advice: "",
    output: "",
    buttons: [
      { id: "retry", label: l10n.t("Diagnose Again") },
      { id: "connect", label: l10n.t("Connect") },
    ],
  };
}

/** All steps with their results so far. */
export function shownSteps(
  done: readonly DiagnosisStep[],
  now: StepId | undefined,
  report: DiagnosisReport | undefined,
): StartingStep[] {
  return stepIds.map((id) => shownStep(id, done, now, report));
}

function shownStep(
  id: StepId,
  done: readonly DiagnosisStep[],
  now: StepId | undefined,
  report: DiagnosisReport | undefined,
): StartingStep {
  const step = done.find((one) => one.id === id);
  if (step && step.state !== "skipped") {
    const state = { passed: "done", warned: "warned", failed: "failed" } as const;
    const said = step.finding ? describeFinding(step.finding).message : displayText(step.found);
    const detail = [l10n.t("{0} ms", step.milliseconds), said].filter(Boolean).join(" · ");
    return { state: state[step.state], label: stepName(id), detail };
  }
  if (report) return { state: "later", label: stepName(id), detail: l10n.t("skipped") };
  return { state: id === now ? "now" : "later", label: stepName(id), detail: "" };
}
