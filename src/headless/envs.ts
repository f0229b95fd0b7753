import * as l10n from "@vscode/l10n";
import type { App } from "../app.js";
import { displayText } from "../common/text/displayText.js";
import { asciiJson } from "../common/text/json.js";
import { type HostEnvironments, lacksLibrary, type PythonEnvironment } from "../environments/environment.js";
import { adviceOnLines } from "../messages/describeEnvironmentFailure.js";
import type { Connection } from "../ssh/model/connection.js";
import { tableLines } from "./output.js";

/** Prints the environments of the host on standard output. */
export async function listEnvironments(
  app: App,
  connection: Connection,
  json: boolean,
  signal: AbortSignal,
): Promise<void> {
  const found = await app.environments.list(connection, { signal });
  process.stdout.write(json ? `${asciiJson(asJson(connection.id, found))}\n` : asTable(found));
}

function asJson(connectionId: string, found: HostEnvironments) {
  return {
    connection: connectionId,
    home: found.home,
    storage_root: found.storageRoot ?? null,
    complete: found.complete,
    environments: found.environments.map((environment) => ({
      name: environment.name,
      kind: environment.kind,
      python: environment.python,
      python_version: environment.pythonVersion ?? null,
      runicorn_version: environment.runicornVersion ?? null,
      problem: environment.problem ?? null,
    })),
  };
}

function asTable(found: HostEnvironments): string {
  const heading = [l10n.t("Name"), l10n.t("Kind"), "Python", "Runicorn", l10n.t("Interpreter")];
  const rows = [heading, ...found.environments.map(row)];
  const lines = tableLines(rows);
  if (found.environments.some(lacksLibrary)) lines.push(`${adviceOnLines()} (--before)`);
  if (!found.complete) lines.push(l10n.t("The search was cut short; there may be more."));
  return `${lines.join("\n")}\n`;
}

function row(environment: PythonEnvironment): string[] {
  const { name, kind, pythonVersion, runicornVersion, python, problem } = environment;
  return [name, kind, pythonVersion ?? "-", runicornVersion ?? "-", problem ?? python].map(displayText);
}
