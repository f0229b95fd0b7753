import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { displayText } from "../../common/text/displayText.js";
import { adviceOnLines } from "../../messages/describeEnvironmentFailure.js";
import { hostName } from "../../messages/hostName.js";
import { Cancelled } from "../../common/failure.js";
import { lacksLibrary, type PythonEnvironment } from "../../environments/environment.js";
import type { Connection } from "../../ssh/model/connection.js";
import { withProgress } from "../kit/progress.js";

/**
 * Asks for the path of a Python on the host, and checks it; asks again if it cannot be used.
 * @throws Cancelled
 */
export async function askForInterpreter(app: App, connection: Connection): Promise<PythonEnvironment> {
  let value = "";
  for (let problem = ""; ;) {
    const typed = await vscode.window.showInputBox({
      title: l10n.t("Python on {0}", hostName(connection.target.host)),
      prompt:
        problem || l10n.t("The path of an interpreter on the host, for example ~/envs/train/bin/python"),
      value,
      ignoreFocusOut: true,
      validateInput: (text) =>
        /^(\/|~\/)/.test(text.trim()) || text === ""
          ? undefined
          : l10n.t("Give an absolute path, or one that starts with ~/."),
    });
    if (typed === undefined || typed.trim() === "") throw new Cancelled();
    value = typed.trim();
    const python = value;
    const environment = await withProgress(l10n.t("Checking {0}", displayText(python)), (signal) =>
      app.environments.at(connection, python, signal),
    );
    if (environment.problem === undefined) return environment;
    problem = l10n.t("{0} cannot be used: {1}", displayText(python), environment.problem);
    if (lacksLibrary(environment)) problem = `${problem} ${adviceOnLines()}`;
  }
}
