import { randomBytes } from "node:crypto";
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { apiCommandIds } from "../kit/commandIds.js";
import type { Handlers } from "../kit/registerLate.js";
import type { Ui } from "../kit/ui.js";
import { tokenKey } from "./localApi.js";

/** Handlers of the commands for the local API. */
export function apiCommandHandlers(ui: Ui): Handlers<typeof apiCommandIds> {
  const { api } = ui;
  return {
    [apiCommandIds.startApi]: async () => {
      await api.start();
      sayWhere(ui);
    },
    [apiCommandIds.stopApi]: () => api.stop(),
    [apiCommandIds.apiToken]: () => changeToken(ui),
  };
}

/** Not awaited: the API runs regardless of the answer. */
function sayWhere({ api }: Ui): void {
  const { url = "", isOpenToOtherAccounts } = api;
  const copy = l10n.t("Copy URL");
  const open = l10n.t("Open API Docs");
  const protect = l10n.t("Create a Token");
  const said = isOpenToOtherAccounts
    ? vscode.window.showWarningMessage(
        l10n.t(
          "Local API running at {0}. Every account of this machine may use it, because this system does not tell whose programs are asking.",
          url,
        ),
        protect,
        copy,
      )
    : vscode.window.showInformationMessage(l10n.t("Local API running at {0}", url), copy, open);
  void said.then(async (chosen) => {
    if (chosen === copy) await vscode.env.clipboard.writeText(url);
    if (chosen === open) await vscode.env.openExternal(vscode.Uri.parse(`${url}/docs`));
    if (chosen === protect) await vscode.commands.executeCommand(apiCommandIds.apiToken);
  });
}

/** Creates, copies or removes the token that every request then needs. Never shows it. */
async function changeToken({ api, secrets }: Ui): Promise<void> {
  const token = await secrets.get(tokenKey);
  const make = { label: `$(key) ${l10n.t("Create a New Token and Copy It")}` };
  const copy = { label: `$(copy) ${l10n.t("Copy the Token")}` };
  const remove = { label: `$(trash) ${l10n.t("Remove the Token")}` };
  const picked = await vscode.window.showQuickPick(token ? [copy, make, remove] : [make], {
    title: l10n.t("Local API Token"),
    placeHolder: token
      ? l10n.t("Requests must send this token.")
      : l10n.t("Without a token, every program of yours on this machine may use the API."),
  });
  if (!picked) return;
  if (picked === copy && token) {
    await vscode.env.clipboard.writeText(token);
    return;
  }
  const next = picked === make ? randomBytes(24).toString("base64url") : undefined;
  if (next === undefined) await secrets.delete(tokenKey);
  else {
    await secrets.store(tokenKey, next);
    await vscode.env.clipboard.writeText(next);
  }
  if (api.url === undefined) return;
  await api.stop();
  await api.start();
}
