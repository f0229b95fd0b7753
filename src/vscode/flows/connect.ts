import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { Cancelled } from "../../common/failure.js";
import { displayText } from "../../common/text/displayText.js";
import { savedIdOf } from "../../savedConnectionId.js";
import { requestFor } from "../../savedConnections.js";
import type { Connection } from "../../ssh/model/connection.js";
import { isSshFailure } from "../../ssh/model/failures.js";
import { formatTarget, type Target } from "../../ssh/model/target.js";
import { inNotification, type OpeningProgress, type OpeningStep } from "../kit/progress.js";
import { passwordsIn } from "../kit/secrets.js";
import { onTheWayTo } from "../kit/reportFailure.js";
import type { Ui } from "../kit/ui.js";
import { createInteraction } from "./interaction.js";
import { keepConnection } from "./keptConnections.js";
import { reconnectInteraction } from "./reconnectInteraction.js";

export interface ConnectFlowOptions {
  /** Default: a notification. */
  readonly progress?: OpeningProgress | undefined;
  /** Whether the user may be asked; else only a saved password is used. Default true. */
  readonly attended?: boolean | undefined;
}

/** Connects, with prompts as needed, and saves the connection. */
export async function connect(
  ui: Ui,
  target: Target,
  { progress = inNotification, attended = true }: ConnectFlowOptions = {},
): Promise<Connection> {
  const app = await ui.app();
  await agreeToImported(app, target, attended);
  const before = await app.savedConnections.get(savedIdOf(target));
  const name = displayText(formatTarget(target));
  const { connection, passwords } = await progress(
    { step: "connect", title: l10n.t("Connecting to {0}", name) },
    (signal, report) => {
      report(l10n.t("connecting…"));
      return connectTo(ui, app, { saved: before ?? { target }, attended }, signal, report);
    },
  );
  // Show viewers that are still running there; an error here does not matter.
  app.viewers.adopt(connection).catch((error: unknown) => ui.log.warn(String(error)));
  if (await keepConnection(app.savedConnections, target, before, passwords)) return connection;
  // It was forgotten meanwhile, before its password was saved.
  for (const name of passwords) await passwordsIn(ui.secrets).forget(name);
  app.connections.forget(target);
  return connection;
}

/**
 * Asks once for consent to the target and route of an imported connection; never for other ones.
 * @throws Cancelled unless the user agrees, or if nobody can be asked.
 */
export async function agreeToImported(
  { savedConnections }: App,
  target: Target,
  attended = true,
): Promise<void> {
  const saved = await savedConnections.get(savedIdOf(target));
  if (saved?.imported !== true) return;
  if (!attended) throw new Cancelled();
  const agree = l10n.t("Connect");
  const detail = [
    l10n.t("{0} was imported from a file: go on only if you know this host.", displayText(saved.name)),
    ...(saved.jump === undefined ? [] : [l10n.t("Jump hosts: {0}", displayText(saved.jump))]),
    ...(saved.identityFile === undefined ? [] : [l10n.t("Key file: {0}", displayText(saved.identityFile))]),
  ].join("\n");
  const question = l10n.t("Connect to {0}?", displayText(formatTarget(target)));
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, agree)) !== agree)
    throw new Cancelled();
  await savedConnections.change(saved.id, (now) => now && { ...now, imported: undefined });
}

async function connectTo(
  ui: Ui,
  app: App,
  { saved, attended }: { saved: Parameters<typeof requestFor>[0]; attended: boolean },
  signal: AbortSignal,
  report: (message: string, step?: OpeningStep) => void,
): Promise<{ readonly connection: Connection; readonly passwords: readonly string[] }> {
  const passwords = passwordsIn(ui.secrets);
  const { interaction, succeeded, failed } = createInteraction(passwords, report);
  try {
    const connection = await app.connections.connect(
      requestFor(saved),
      attended ? interaction : reconnectInteraction(passwords, false),
      {
        signal,
        onProgress: (phase) => {
          if (phase === "verifying-host-key") report(l10n.t("checking the host key…"));
          if (phase === "authenticating") report(l10n.t("authenticating…"));
          if (phase === "authenticating-with-openssh") {
            report(l10n.t("OpenSSH logs in; touch your security key if it blinks…"));
          }
          if (phase === "waiting-for-touch") report(l10n.t("touch your security key…"));
        },
      },
    );
    return { connection, passwords: await succeeded() };
  } catch (error) {
    if (isSshFailure(error, "authentication-failed")) await failed();
    throw onTheWayTo(saved.target, error);
  }
}
