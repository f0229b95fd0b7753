import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { displayText } from "../../common/text/displayText.js";
import { adviceOnLines } from "../../messages/describeEnvironmentFailure.js";
import { hostName } from "../../messages/hostName.js";
import { Cancelled } from "../../common/failure.js";
import { lacksLibrary, type PythonEnvironment } from "../../environments/environment.js";
import type { Connection } from "../../ssh/model/connection.js";
import { askUntilAborted, withProgress } from "../kit/progress.js";

/**
 * Asks for the path of a Python on the host, and checks it; asks again if it cannot be used.
 * @param signal closes the question.
 * @throws Cancelled
 */
export async function askForInterpreter(
  app: App,
  connection: Connection,
  signal: AbortSignal | undefined,
): Promise<PythonEnvironment> {
  let value = "";
  for (let problem = ""; ;) {
    const options: vscode.InputBoxOptions = {
      title: l10n.t("Python on {0}", hostName(connection.target.host)),
      prompt:
        problem || l10n.t("The path of an interpreter on the host, for example ~/envs/train/bin/python"),
      value,
      ignoreFocusOut: true,
      validateInput: (text) =>
        /^(\/|~\/)/.test(text.trim()) || text === ""
          ? undefined
          : l10n.t("Give an absolute path, or one that starts with ~/."),
    };
    const typed = await askUntilAborted(signal, (token) => vscode.window.showInputBox(options, token));
    if (typed === undefined || typed.trim() === "") throw new Cancelled();
    value = typed.trim();
    const python = value;
    const environment = await withProgress(l10n.t("Checking {0}", displayText(python)), (stop) =>
      app.environments.at(connection, python, stop),
    );
    if (environment.problem === undefined) return environment;
    problem = l10n.t("{0} cannot be used: {1}", displayText(python), environment.problem);
    if (lacksLibrary(environment)) problem = `${problem} ${adviceOnLines()}`;
  }
}
