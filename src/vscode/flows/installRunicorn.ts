import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { sentences } from "../../messages/language/sentences.js";
import type { App } from "../../app.js";
import { Cancelled } from "../../common/failure.js";
import { displayText } from "../../common/text/displayText.js";
import { describeFailure } from "../../messages/describeFailure.js";
import { hostName } from "../../messages/hostName.js";
import type { PythonEnvironment } from "../../environments/environment.js";
import { isEnvironmentFailure } from "../../environments/failures.js";
import { createInstallLines } from "../../environments/installLines.js";
import type { Connection } from "../../ssh/model/connection.js";
import { installFromHere, sharedPythonRemark } from "../environments/installFromHere.js";
import { withProgress } from "../kit/progress.js";
import type { Ui } from "../kit/ui.js";

/** Maximum characters of a line of pip's output in a notification. */
const longestLine = 80;

/**
 * Installs Runicorn with pip, after the user has confirmed the command; pip's output goes to the log.
 * @returns the environment, with Runicorn. @throws Cancelled, or Failure with an `EnvironmentFailure`.
 */
export async function installRunicorn(
  ui: Ui,
  app: App,
  connection: Connection,
  environment: PythonEnvironment,
): Promise<PythonEnvironment> {
  await confirm(connection, environment);
  const title = l10n.t("Installing Runicorn in {0}", displayText(environment.name));
  const linesOf = createInstallLines();
  try {
    await withProgress(title, (signal, report) =>
      app.environments.installRunicorn(connection, environment, {
        signal,
        onOutput: (text) => {
          for (const line of linesOf(text)) {
            ui.log.info(displayText(line));
            report(displayText(line).slice(0, longestLine));
          }
        },
      }),
    );
  } catch (error) {
    if (!isEnvironmentFailure(error, "runicorn-install-failed") || !error.detail.isOffline) throw error;
    const { message, advice } = describeFailure(error.detail);
    const fromHere = l10n.t("Install from This Machine…");
    if ((await vscode.window.showErrorMessage(sentences(message, advice), fromHere)) !== fromHere)
      throw new Cancelled();
    return installFromHere(ui, app, connection, environment);
  }
  return app.environments.at(connection, environment.python);
}

async function confirm(connection: Connection, environment: PythonEnvironment): Promise<void> {
  const { python, name } = environment;
  const host = hostName(connection.target.host);
  const install = l10n.t("Install");
  const detail = [
    l10n.t("This runs on {0}: {1}", host, `${displayText(python)} -m pip install runicorn`),
    ...sharedPythonRemark(environment),
  ].join("\n\n");
  const question = l10n.t("Install Runicorn in {0}?", displayText(name));
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, install)) !== install)
    throw new Cancelled();
}
