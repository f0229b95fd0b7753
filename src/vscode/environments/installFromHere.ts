import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { Cancelled } from "../../common/failure.js";
import { displayText } from "../../common/text/displayText.js";
import { sizeText } from "../../common/text/sizeText.js";
import type { PythonEnvironment } from "../../environments/environment.js";
import { createInstallLines } from "../../environments/installLines.js";
import type { InstallCommands, InstallProgress } from "../../environments/packages/installFromHere.js";
import { hostName } from "../../messages/hostName.js";
import type { Connection } from "../../ssh/model/connection.js";
import { withProgress } from "../kit/progress.js";
import type { Ui } from "../kit/ui.js";

/**
 * Installs Runicorn on a host without internet access: downloads packages with this machine's pip, after the user has
 * confirmed the commands.
 * @returns the environment, with Runicorn. @throws Cancelled, or Failure with an `EnvironmentFailure`.
 */
export async function installFromHere(
  ui: Ui,
  app: App,
  connection: Connection,
  environment: PythonEnvironment,
): Promise<PythonEnvironment> {
  const title = l10n.t("Installing Runicorn in {0}", displayText(environment.name));
  const linesOf = createInstallLines();
  await withProgress(title, (signal, report) =>
    app.environments.installFromHere(connection, environment, {
      signal,
      confirm: (commands) => confirm(connection, environment, commands),
      onProgress: (progress) => report(progressText(progress)),
      onOutput: (text) => {
        for (const line of linesOf(text)) ui.log.info(displayText(line));
      },
    }),
  );
  return app.environments.at(connection, environment.python);
}

function progressText(progress: InstallProgress): string {
  switch (progress.kind) {
    case "fetching":
      return l10n.t("fetching the packages on this machine…");
    case "copying":
      return l10n.t("copying them to the host: {0} of {1}", sizeText(progress.done), sizeText(progress.all));
    case "installing":
      return l10n.t("installing them on the host…");
  }
}

/** A remark for a Python that other projects share. */
export function sharedPythonRemark({ kind, name }: PythonEnvironment): readonly string[] {
  return kind === "system" || name === "base"
    ? [l10n.t("Other projects use this Python, too. An environment of its own is safer.")]
    : [];
}

async function confirm(
  { target }: Connection,
  environment: PythonEnvironment,
  { here, onHost }: InstallCommands,
): Promise<void> {
  const { name } = environment;
  const install = l10n.t("Install");
  const detail = [
    l10n.t("This runs on this machine, with the proxy and index settings of its pip: {0}", displayText(here)),
    l10n.t(
      "The packages are copied to {0}, and this runs there: {1}",
      hostName(target.host),
      displayText(onHost),
    ),
    l10n.t("Both temporary folders are removed afterwards."),
    ...sharedPythonRemark(environment),
  ].join("\n\n");
  const question = l10n.t("Install Runicorn in {0} from this machine?", displayText(name));
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, install)) !== install)
    throw new Cancelled();
}
