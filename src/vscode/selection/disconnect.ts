import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { Cancelled } from "../../common/failure.js";
import { displayText } from "../../common/text/displayText.js";
import { hostName } from "../../messages/hostName.js";
import type { ViewerSession } from "../../viewer/session/session.js";
import { type HeldHost } from "../connections/heldHosts.js";
import { withProgress } from "../kit/progress.js";
import { reporting } from "../kit/reportFailure.js";
import type { Ui } from "../kit/ui.js";
import { listed } from "./confirm.js";

/** Disconnects from these hosts, at least one. Asks where viewers run. @throws Cancelled */
export async function disconnect(ui: Ui, app: App, hosts: readonly HeldHost[]): Promise<void> {
  const names = hosts.map(({ host }) => hostName(host));
  const sessions = app.viewers.sessions.filter(({ connectionId }) =>
    hosts.some(({ id }) => id === connectionId),
  );
  const [stop, keep] = [l10n.t("Stop and Disconnect"), l10n.t("Leave Running and Disconnect")];
  const areThere = hosts.some(({ id }) => app.connections.get(id));
  const away = hosts.filter(({ id }) => !app.connections.get(id)).map(({ host }) => displayText(host));
  // What Enter does must not end anything. A host that is not there cannot be told to let a viewer run on.
  const answers = sessions.length === 0 ? [l10n.t("Disconnect")] : areThere ? [keep, stop] : [stop];
  const isToAsk = sessions.length > 0 || hosts.length > 1;
  const options = {
    modal: true,
    ...(hosts.length > 1 && { detail: detailOf(names, areThere && sessions.length > 0 ? away : []) }),
  };
  const answer = isToAsk
    ? await vscode.window.showWarningMessage(questionOf(names, sessions.length), options, ...answers)
    : stop;
  if (answer === undefined) throw new Cancelled();
  const work = workOf(app, hosts, sessions, answer === keep);
  // Told here, so that "Try Again" asks nothing again.
  const title =
    names.length === 1
      ? l10n.t("Disconnecting from {0}", names[0] ?? "")
      : l10n.t("Disconnecting from {0} hosts", names.length);
  await reporting(ui, () => withProgress(title, work));
}

function questionOf(names: readonly string[], viewers: number): string {
  const [host = ""] = names;
  if (names.length > 1)
    return viewers === 0
      ? l10n.t("Disconnect from {0} hosts?", names.length)
      : l10n.t("Disconnect from {0} hosts? Viewers that run there: {1}.", names.length, viewers);
  return viewers === 1
    ? l10n.t("Disconnect from {0}, where a viewer runs?", host)
    : l10n.t("Disconnect from {0}, where {1} viewers run?", host, viewers);
}

/** @param away those that cannot be told to let a viewer run on. */
function detailOf(names: readonly string[], away: readonly string[]): string {
  if (away.length === 0) return listed(names);
  const told = l10n.t(
    "Not reached now, so that viewers left there end by themselves unless you connect again in time:",
  );
  return `${listed(names)}\n\n${told}\n${listed(away)}`;
}

function workOf(
  app: App,
  hosts: readonly HeldHost[],
  sessions: readonly ViewerSession[],
  isKept: boolean,
): () => Promise<void> {
  let isAgain = false;
  const leave = async ({ id }: HeldHost): Promise<void> => {
    if (isKept) return app.leaveRunning(id);
    // What was not confirmed to be stopped is in no list any more.
    const before = isAgain ? sessions.filter(({ connectionId }) => connectionId === id) : [];
    try {
      await Promise.all(before.map((one) => app.viewers.stop(one.id)));
    } finally {
      await app.disconnect(id);
    }
  };
  return async () => {
    const results = await Promise.allSettled(hosts.map(leave));
    isAgain = true;
    const failed = results.find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
  };
}
