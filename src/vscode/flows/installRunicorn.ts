import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { Cancelled } from "../../common/failure.js";
import { displayText } from "../../common/text/displayText.js";
import type { PythonEnvironment } from "../../environments/environment.js";
import { createInstallLines } from "../../environments/installLines.js";
import type { Connection } from "../../ssh/model/connection.js";
import { withProgress } from "../kit/progress.js";
import type { Ui } from "../kit/ui.js";

/** Characters of a line of pip's in a notification. */
const longestLine = 80;

/**
 * Installs Runicorn with pip, once the person has seen the command; what pip says is in the log.
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
  return app.environments.at(connection, environment.python);
}

async function confirm(connection: Connection, { python, name, kind }: PythonEnvironment): Promise<void> {
  const host = displayText(connection.target.host);
  const install = l10n.t("Install");
  const isShared = kind === "system" || name === "base";
  const detail = [
    l10n.t("This runs on {0}: {1}", host, `${displayText(python)} -m pip install runicorn`),
    ...(isShared ? [l10n.t("Other projects use this Python, too. An environment of its own is safer.")] : []),
  ].join("\n\n");
  const question = l10n.t("Install Runicorn in {0}?", displayText(name));
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, install)) !== install)
    throw new Cancelled();
}
