import * as l10n from "@vscode/l10n";
import type { App } from "../../app.js";
import { Cancelled } from "../../common/failure.js";
import type { DiagnosisReport, DiagnosisStep, StepId } from "../../diagnosis/report.js";
import { describeFinding, diagnosisHeadline, stepName } from "../../messages/describeDiagnosis.js";
import { requestFor, type SavedConnection } from "../../savedConnections.js";
import { shownSteps } from "../diagnosis/diagnosisPage.js";
import { createInteraction } from "../flows/interaction.js";
import { passwordsIn } from "../kit/secrets.js";
import type { Ui } from "../kit/ui.js";
import type { TestView } from "./toConnectionPage.js";

/**
 * Tries each step of connecting with the form's values, over connections of its own. Stores nothing, and does not touch
 * open connections.
 * @param show called on each progress.
 */
export async function testConnection(
  ui: Ui,
  app: App,
  saved: SavedConnection,
  signal: AbortSignal,
  show: (test: TestView) => void,
): Promise<void> {
  const done: DiagnosisStep[] = [];
  const { interaction } = createInteraction(passwordsIn(ui.secrets));
  show(viewOf(done, undefined));
  try {
    const report = await app.diagnosis.diagnose(requestFor(saved), interaction, {
      signal,
      onStep: (event) => {
        if (event.kind === "over") done.push(event.step);
        show(viewOf(done, event.kind === "begins" ? event.id : undefined));
      },
    });
    show(overOf(report));
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    const headline = l10n.t("The test was cancelled.");
    show({ ...viewOf(done, undefined), isRunning: false, headline });
  }
}

function viewOf(done: readonly DiagnosisStep[], now: StepId | undefined): TestView {
  const headline =
    now === undefined ? l10n.t("Testing the connection…") : l10n.t("Testing: {0}", stepName(now));
  return { isRunning: true, headline, advice: "", output: "", steps: shownSteps(done, now, undefined) };
}

function overOf(report: DiagnosisReport): TestView {
  const finding = report.cause?.finding;
  const words = finding ? describeFinding(finding) : undefined;
  return {
    isRunning: false,
    headline: diagnosisHeadline(report),
    advice: words?.advice ?? "",
    output: words?.output ?? "",
    steps: shownSteps(report.steps, undefined, report),
  };
}
