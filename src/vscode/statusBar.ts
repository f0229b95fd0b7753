import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../app.js";
import { displayText } from "../common/text/displayText.js";
import { hostName } from "../messages/hostName.js";
import type { Disposable } from "../common/async/disposable.js";
import { gather } from "../common/async/gather.js";
import type { Tunnel } from "../tunnel/tunnel.js";
import type { LocalApi } from "./kit/localApi.js";
import { type Host, hostsOf, type HostState } from "./connections/hosts.js";
import { hostStateText } from "./connections/hostWords.js";
import { commandIds } from "./kit/commandIds.js";
import { tooltipOf } from "./kit/tooltip.js";
import { linksOf } from "./sideBar/items.js";
import { leftText } from "../messages/slurm/jobTimes.js";
import { jobStateText } from "../messages/slurm/jobWords.js";
import { isWaiting, timeLeft } from "../slurm/model/job.js";
import { onJobNews } from "./jobKit/jobNews.js";
import { firstWarning } from "./jobKit/warnings.js";
import { jobOfSession } from "./jobKit/jobOfSession.js";
import { sessionStateText, sessionTitle } from "./viewers/sessionWords.js";
import { localPortOf } from "../viewer/session/facts.js";
import type { ViewerSession } from "../viewer/session/session.js";
import { relayProblemText, relayStateText } from "./relay/relayWords.js";

/** Maximum number of hosts and viewers in the tooltip. */
const mostLines = 20;
/** Milliseconds to debounce changes, after the first. */
const calm = 100;

/**
 * One status bar item, hidden while there is nothing to show. Its text is the host, its tooltip has details, and a
 * click shows a menu.
 */
export function createStatusBar(app: App, api: LocalApi): Disposable {
  const { connections, tunnels, viewers, relay } = app;
  const item = vscode.window.createStatusBarItem("runicorn.status", vscode.StatusBarAlignment.Left, 50);
  item.name = l10n.t("Runicorn Remote");
  item.command = commandIds.showMenu;
  const present = (): Host[] => hostsOf(app, []).filter(({ state }) => state.kind !== "not-connected");
  const show = (): void => {
    const hosts = present();
    const { sessions } = viewers;
    const failed = sessions.find(({ state }) => state.kind === "failed");
    if (hosts.length === 0 && !failed && api.url === undefined && !relay.status) {
      item.hide();
      return;
    }
    const [first] = hosts;
    const name =
      hosts.length > 1
        ? l10n.t("{0} hosts", hosts.length)
        : nameOf(first, relay, api.url === undefined ? failed : undefined);
    const worst = worstOf(hosts);
    const queued = queuedJobs(app);
    const soon = soonOver(app);
    const icon = worst?.kind === "connected" && queued.length > 0 ? "watch" : iconOf(worst, relay);
    const remark = soon ?? (queued.length > 0 ? l10n.t("job waits") : "");
    item.text = `$(${icon}) ${[name, remark].filter(Boolean).join(" · ")}`;
    item.tooltip = tooltip(hosts, sessions);
    const isLost = worst?.kind === "needs-person" || worst?.kind === "reconnecting";
    item.backgroundColor =
      failed || isLost || soon !== undefined
        ? new vscode.ThemeColor("statusBarItem.warningBackground")
        : undefined;
    const count = l10n.t("viewers: {0}", sessions.length);
    const state =
      worst && worst.kind !== "connected" ? hostStateText(worst) : [count, remark].filter(Boolean).join(", ");
    item.accessibilityInformation = { label: l10n.t("Runicorn Remote: {0}, {1}", name, state) };
    item.show();
  };
  const tooltip = (hosts: readonly Host[], sessions: readonly ViewerSession[]): vscode.MarkdownString => {
    const states = hosts
      .slice(0, mostLines)
      .map(({ target, state }) => [hostName(target.host), hostStateText(state)].join(" · "));
    const served = api.url === undefined ? [] : [l10n.t("Local API running at {0}", api.url)];
    const links = sessions.length === 1 ? sessions.flatMap(linksOf) : [];
    const ways = new Map(tunnels.all.map((tunnel) => [tunnel.localPort, tunnel]));
    const queued = queuedJobs(app).map(({ jobId, state }) =>
      [l10n.t("Job {0}", jobId), jobStateText(state)].join(" · "),
    );
    const facts = [
      ...states,
      ...queued.slice(0, mostLines - states.length),
      ...sessions.slice(0, mostLines - states.length).map((session) => line(session, ways)),
    ];
    const more = hosts.length + queued.length + sessions.length - facts.length;
    const rest = more > 0 ? [l10n.t("and {0} more", more)] : [];
    return tooltipOf([l10n.t("Runicorn Remote"), ...facts, ...rest, ...served, ...relayLine()], links);
  };
  /** The line of a viewer: its root, and the backend of its tunnel. */
  const line = (session: ViewerSession, ways: ReadonlyMap<number, Tunnel>): string => {
    const port = localPortOf(session);
    const tunnel = port === undefined ? undefined : ways.get(port);
    const way = tunnel ? wayText(tunnel) : "";
    return [sessionTitle(session), sessionStateText(session, jobOfSession(app, session)), way]
      .filter(Boolean)
      .join(" · ");
  };
  const relayLine = (): string[] => {
    const { status } = relay;
    if (!status) return [];
    const state = relayProblemText(status) || relayStateText(status);
    return [l10n.t("The relay agent of {0} runs: {1}", displayText(status.url), state)];
  };
  show();
  const changes = gather(calm, show);
  const events = [
    changes,
    ...[connections, tunnels, viewers, api, relay].map((service) => service.onDidChange(changes.call)),
    connections.onDidChangeConnecting(changes.call),
    onJobNews(app, changes.call),
  ];
  return { dispose: () => [item, ...events].forEach((one) => void one.dispose()) };
}

function queuedJobs({ slurm }: App) {
  return slurm.watched.filter(({ state }) => isWaiting(state));
}

/** The shortest time left of a job with a viewer, if it is short. */
function soonOver(app: App): string | undefined {
  const lefts = app.viewers.sessions.flatMap((session) => {
    const state = session.state.kind === "running" ? jobOfSession(app, session)?.state : undefined;
    return (state && timeLeft(state)) ?? [];
  });
  const least = Math.min(...lefts);
  return least <= firstWarning ? leftText(Date.now() + least) : undefined;
}

/** The text for one host, or none. @param failed a failed viewer, if it is the only reason to show something */
function nameOf(host: Host | undefined, relay: App["relay"], failed: ViewerSession | undefined): string {
  if (host) return hostName(host.target.host);
  if (relay.status) return l10n.t("Relay");
  return failed ? sessionTitle(failed) : l10n.t("Local API");
}

/** The most important state. */
function worstOf(hosts: readonly Host[]): HostState | undefined {
  const kinds: readonly HostState["kind"][] = ["needs-person", "reconnecting", "connecting", "connected"];
  const states = hosts.map(({ state }) => state);
  return kinds.flatMap((kind) => states.find((one) => one.kind === kind) ?? [])[0];
}

function iconOf(worst: HostState | undefined, relay: App["relay"]): string {
  switch (worst?.kind) {
    case "needs-person":
      return "warning";
    case "reconnecting":
    case "connecting":
      return "sync~spin";
    case "connected":
    case "not-connected":
      return "graph-line";
    case undefined:
      if (!relay.status) return "graph-line";
      return relay.status.link.kind === "connected" ? "radio-tower" : "debug-disconnect";
  }
}

function wayText({ localPort, remote }: Tunnel): string {
  return remote && "port" in remote
    ? l10n.t("localhost:{0} → port {1}", localPort, remote.port)
    : l10n.t("localhost:{0} → socket on the host", localPort);
}
