import * as l10n from "@vscode/l10n";
import type { App } from "../../app.js";
import { displayText } from "../../common/bytes.js";
import type { PythonEnvironment } from "../../environments/environment.js";
import type { Connection } from "../../ssh/connection.js";
import { withProgress } from "../progress.js";
import type { Ui } from "../ui.js";

/** Installs Runicorn with pip, showing what pip says in the log. */
export function installRunicorn(
  ui: Ui,
  app: App,
  connection: Connection,
  environment: PythonEnvironment,
): Promise<void> {
  const title = l10n.t("Installing Runicorn in {0}", displayText(environment.name));
  return withProgress(title, (signal, report) =>
    app.environments.installRunicorn(connection, environment, {
      signal,
      onOutput: (text) => {
        for (const line of text.split(/[\r\n]+/).filter((part) => part.trim() !== "")) {
          ui.log.info(displayText(line));
          report(displayText(line).slice(0, 80));
        }
      },
    }),
  );
}
