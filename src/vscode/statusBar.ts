import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../app.js";
import { displayText } from "../common/text/displayText.js";
import type { Disposable } from "../common/async/disposable.js";
import type { Tunnel } from "../tunnel/tunnel.js";
import type { LocalApi } from "./kit/localApi.js";
import { type Host, hostsOf, type HostState } from "./connections/hosts.js";
import { hostStateText } from "./connections/hostWords.js";
import { commandIds } from "./kit/commandIds.js";
import { tooltipOf } from "./kit/tooltip.js";
import { linksOf } from "./sideBar/items.js";
import { sessionStateText, sessionTitle } from "./viewers/sessionWords.js";
import { sessionUrl, type ViewerSession } from "../viewer/session/session.js";
import { relayProblemText, relayStateText } from "./relay/relayWords.js";

/** Hosts and viewers that the tooltip names. */
const mostLines = 20;

/** One item: hidden while nothing is connected, else the host; its tooltip tells the rest, a click shows a menu. */
export function createStatusBar(app: App, api: LocalApi): Disposable {
  const { connections, tunnels, viewers, relay } = app;
  const item = vscode.window.createStatusBarItem("runicorn.status", vscode.StatusBarAlignment.Left, 50);
  item.name = l10n.t("Runicorn Remote");
  item.command = commandIds.showMenu;
  const present = (): Host[] => hostsOf(app, []).filter(({ state }) => state.kind !== "not-connected");
  const show = (): void => {
    const hosts = present();
    const failed = viewers.sessions.some(({ state }) => state.kind === "failed");
    if (hosts.length === 0 && !failed && api.url === undefined && !relay.status) {
      item.hide();
      return;
    }
    const [first] = hosts;
    const name = hosts.length > 1 ? l10n.t("{0} hosts", hosts.length) : nameOf(first, relay);
    const worst = worstOf(hosts);
    item.text = `$(${iconOf(worst, relay)}) ${name}`;
    item.tooltip = tooltip(hosts);
    const isLost = worst?.kind === "needs-person" || worst?.kind === "reconnecting";
    item.backgroundColor =
      failed || isLost ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    const count = l10n.t("viewers: {0}", viewers.sessions.length);
    const state = worst && worst.kind !== "connected" ? hostStateText(worst) : count;
    item.accessibilityInformation = { label: l10n.t("Runicorn Remote: {0}, {1}", name, state) };
    item.show();
  };
  const tooltip = (hosts: readonly Host[]): vscode.MarkdownString => {
    const states = hosts.map(({ target, state }) =>
      [displayText(target.host), hostStateText(state)].join(" · "),
    );
    const served = api.url === undefined ? [] : [l10n.t("Local API running at {0}", api.url)];
    const links = viewers.sessions.length === 1 ? viewers.sessions.flatMap(linksOf) : [];
    const facts = [...states, ...viewers.sessions.slice(0, mostLines).map(line)].slice(0, mostLines);
    const more = states.length + viewers.sessions.length - facts.length;
    const rest = more > 0 ? [l10n.t("and {0} more", more)] : [];
    return tooltipOf([l10n.t("Runicorn Remote"), ...facts, ...rest, ...served, ...relayLine()], links);
  };
  /** A viewer, its root and how its tunnel leads there. */
  const line = (session: ViewerSession): string => {
    const tunnel = tunnels.all.find(({ localPort }) => sessionUrl(session)?.endsWith(`:${localPort}/`));
    const way = tunnel ? wayText(tunnel) : "";
    return [sessionTitle(session), sessionStateText(session), way].filter(Boolean).join(" · ");
  };
  const relayLine = (): string[] => {
    const { status } = relay;
    if (!status) return [];
    const state = relayProblemText(status) || relayStateText(status);
    return [l10n.t("The relay agent of {0} runs: {1}", displayText(status.url), state)];
  };
  show();
  const events = [
    ...[connections, tunnels, viewers, api, relay].map((service) => service.onDidChange(show)),
    connections.onDidChangeConnecting(show),
  ];
  return { dispose: () => [item, ...events].forEach((one) => void one.dispose()) };
}

/** What is shown where there is one host, or none. */
function nameOf(host: Host | undefined, relay: App["relay"]): string {
  if (host) return displayText(host.target.host);
  return relay.status ? l10n.t("Relay") : l10n.t("Local API");
}

/** The state that a person should know of before all others. */
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
