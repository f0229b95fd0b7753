import type { App } from "../app.js";
import { asciiJson } from "../common/text/json.js";
import type { DiagnosisReport } from "../diagnosis/report.js";
import {
  describeFinding,
  diagnosisHeadline,
  diagnosisText,
  stepLine,
} from "../messages/describeDiagnosis.js";
import type { ConnectRequest } from "../ssh/model/connectRequest.js";
import type { Interaction } from "../ssh/model/interaction.js";
import { exitStatus } from "./exitStatus.js";

/**
 * Prints a diagnosis: the report on standard output, with the cause in its first line; progress on standard error, if that
 * is a terminal or the report is text.
 * @returns the exit status: 1 if the diagnosis found a failure.
 */
export async function diagnose(
  app: App,
  request: ConnectRequest,
  interaction: Interaction,
  { json, signal }: { readonly json: boolean; readonly signal: AbortSignal },
): Promise<number> {
  const report = await app.diagnosis.diagnose(request, interaction, {
    signal,
    onStep: (event) => {
      if (event.kind === "over" && (process.stderr.isTTY || !json))
        process.stderr.write(`${stepLine(event.step)}\n`);
    },
  });
  process.stdout.write(json ? `${asciiJson(asJson(report))}\n` : diagnosisText(report));
  return report.cause?.state === "failed" ? exitStatus.failed : exitStatus.done;
}

function asJson(report: DiagnosisReport) {
  const { target, steps, cause } = report;
  return {
    target,
    ok: cause?.state !== "failed",
    summary: diagnosisHeadline(report),
    cause: cause?.id ?? null,
    steps: steps.map(({ id, state, milliseconds, found, finding }) => ({
      id,
      state,
      milliseconds,
      found,
      code: finding?.code ?? null,
      message: finding ? describeFinding(finding).message : null,
      advice: finding ? describeFinding(finding).advice : null,
    })),
  };
}
