import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { Cancelled } from "../../common/failure.js";
import { displayText } from "../../common/text/displayText.js";
import { hostName } from "../../messages/hostName.js";
import { isWaiting } from "../../slurm/model/job.js";
import type { ViewerSession } from "../../viewer/session/session.js";
import { type HeldHost } from "../connections/heldHosts.js";
import { withProgress } from "../kit/progress.js";
import { reporting } from "../kit/reportFailure.js";
import type { Ui } from "../kit/ui.js";
import { listed } from "./confirm.js";
import { removeWaiting } from "./removeWaiting.js";

/** Disconnects from these hosts, at least one. Asks if they have viewers or queued jobs. @throws Cancelled */
export async function disconnect(ui: Ui, app: App, hosts: readonly HeldHost[]): Promise<void> {
  const names = hosts.map(({ host }) => hostName(host));
  const sessions = app.viewers.sessions.filter(({ connectionId }) =>
    hosts.some(({ ids }) => ids.includes(connectionId)),
  );
  const jobs = app.slurm.watched.filter(
    ({ loginId, state }) => isWaiting(state) && hosts.some(({ ids }) => ids.includes(loginId)),
  );
  // What is not reached cannot be taken out of its queue.
  const waiting = jobs.filter(({ loginId }) => app.connections.get(loginId));
  const [stop, keep] = answersOf(sessions.length);
  const isThere = ({ ids }: HeldHost): boolean => ids.some((id) => app.connections.get(id));
  const areThere = hosts.some(isThere);
  const away = hosts
    .filter((one) => !isThere(one) && sessions.some(({ connectionId }) => one.ids.includes(connectionId)))
    .map(({ host }) => displayText(host));
  // Enter must not stop anything. Keeping a viewer needs a connection to its host.
  const isEmpty = sessions.length === 0 && waiting.length === 0;
  const answers = isEmpty ? [l10n.t("Disconnect")] : areThere ? [keep, stop] : [stop];
  const isToAsk = !isEmpty || jobs.length > 0 || hosts.length > 1;
  const options = {
    modal: true,
    ...detailOf(hosts.length > 1 ? names : [], areThere && !isEmpty ? away : [], {
      reached: waiting.length,
      away: jobs.length - waiting.length,
    }),
  };
  const answer = isToAsk
    ? await vscode.window.showWarningMessage(questionOf(names, sessions.length), options, ...answers)
    : stop;
  if (answer === undefined) throw new Cancelled();
  const work = workOf(app, hosts, sessions, answer === keep);
  // Reported here, so that "Try Again" does not ask again.
  const title =
    names.length === 1
      ? l10n.t("Disconnecting from {0}", names[0] ?? "")
      : l10n.t("Disconnecting from {0} hosts", names.length);
  await reporting(ui, () => withProgress(title, work));
}

/** The answers that end and keep what is there; of jobs alone nothing runs yet. */
function answersOf(viewers: number): readonly [stop: string, keep: string] {
  return viewers === 0
    ? [l10n.t("Take Out of Queue and Disconnect"), l10n.t("Leave in Queue and Disconnect")]
    : [l10n.t("Stop and Disconnect"), l10n.t("Leave Running and Disconnect")];
}

function questionOf(names: readonly string[], viewers: number): string {
  const [host = ""] = names;
  if (names.length > 1)
    return viewers === 0
      ? l10n.t("Disconnect from {0} hosts?", names.length)
      : l10n.t("Disconnect from {0} hosts? Viewers that run there: {1}.", names.length, viewers);
  if (viewers === 0) return l10n.t("Disconnect from {0}, where a job of yours waits?", host);
  return viewers === 1
    ? l10n.t("Disconnect from {0}, where a viewer runs?", host)
    : l10n.t("Disconnect from {0}, where {1} viewers run?", host, viewers);
}

/**
 * @param away hosts without a connection, whose viewers cannot be kept.
 * @param waiting number of queued jobs.
 */
function detailOf(
  names: readonly string[],
  away: readonly string[],
  waiting: { readonly reached: number; readonly away: number },
): { readonly detail?: string } {
  const told = l10n.t(
    "Not reached now, so that viewers left there end by themselves unless you connect again in time:",
  );
  const parts = [
    ...(names.length === 0 ? [] : [listed(names)]),
    ...(away.length === 0 || names.length === 0 ? [] : [`${told}\n${listed(away)}`]),
    ...(waiting.reached === 0
      ? []
      : [l10n.t("Jobs in the queue: {0}. They keep their place if you leave them.", waiting.reached)]),
    ...(waiting.away === 0
      ? []
      : [
          l10n.t(
            "Jobs in the queue of a host that is not reached: {0}. They keep their place.",
            waiting.away,
          ),
        ]),
  ];
  return parts.length === 0 ? {} : { detail: parts.join("\n\n") };
}

function workOf(
  app: App,
  hosts: readonly HeldHost[],
  sessions: readonly ViewerSession[],
  isKept: boolean,
): () => Promise<void> {
  let isAgain = false;
  const leaveOne = async (id: string): Promise<void> => {
    if (isKept) return app.leaveRunning(id);
    // Sessions whose stop was not confirmed are no longer listed.
    const before = isAgain ? sessions.filter(({ connectionId }) => connectionId === id) : [];
    try {
      await Promise.all(before.map((one) => app.viewers.stop(one.id)));
    } finally {
      await app.disconnect(id);
    }
  };
  /** Its jobs first, because their connections go through it. */
  const leave = async ({ id, ids }: HeldHost): Promise<void> => {
    const login = app.connections.get(id);
    try {
      if (!isKept && login) await removeWaiting(app.slurm, login);
      const jobs = await Promise.allSettled(ids.filter((one) => one !== id).map(leaveOne));
      const failed = jobs.find((result) => result.status === "rejected");
      if (failed) throw failed.reason;
    } finally {
      await leaveOne(id);
    }
  };
  return async () => {
    const results = await Promise.allSettled(hosts.map(leave));
    isAgain = true;
    const failed = results.find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
  };
}
