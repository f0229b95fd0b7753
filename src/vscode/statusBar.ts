import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../app.js";
import { displayText } from "../common/text/displayText.js";
import type { Disposable } from "../common/async/disposable.js";
import type { Tunnel } from "../tunnel/tunnel.js";
import type { LocalApi } from "./kit/localApi.js";
import { commandIds } from "./kit/commandIds.js";
import { tooltipOf } from "./kit/tooltip.js";
import { linksOf } from "./sideBar/items.js";
import { sessionStateText, sessionTitle } from "./viewers/sessionWords.js";
import { sessionUrl, type ViewerSession } from "../viewer/session/session.js";
import { relayProblemText, relayStateText } from "./relay/relayWords.js";

/** One item: hidden while nothing is connected, else the host; its tooltip tells the rest, a click shows a menu. */
export function createStatusBar({ connections, tunnels, viewers, relay }: App, api: LocalApi): Disposable {
  const item = vscode.window.createStatusBarItem("runicorn.status", vscode.StatusBarAlignment.Left, 50);
  item.name = l10n.t("Runicorn Remote");
  item.command = commandIds.showMenu;
  const show = (): void => {
    const lost = viewers.sessions.filter(({ state }) => state.kind === "reconnecting");
    const open = connections.all.map(({ target }) => displayText(target.host));
    const hosts = [...new Set([...open, ...lost.map(({ host }) => displayText(host))])];
    const failed = viewers.sessions.some(({ state }) => state.kind === "failed");
    if (hosts.length === 0 && !failed && api.url === undefined && !relay.status) {
      item.hide();
      return;
    }
    const name =
      hosts.length === 0
        ? relay.status
          ? l10n.t("Relay")
          : l10n.t("Local API")
        : hosts.length === 1
          ? (hosts[0] ?? "")
          : l10n.t("{0} hosts", hosts.length);
    const relayIcon = relay.status?.link.kind === "connected" ? "radio-tower" : "debug-disconnect";
    const isRelayOnly = relay.status !== undefined && hosts.length === 0;
    const icon = lost.length > 0 ? "sync~spin" : isRelayOnly ? relayIcon : "graph-line";
    item.text = `$(${icon}) ${name}`;
    item.tooltip = tooltip();
    item.backgroundColor =
      failed || lost.length > 0 ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    const state = lost.length > 0 ? l10n.t("reconnecting…") : l10n.t("viewers: {0}", viewers.sessions.length);
    item.accessibilityInformation = { label: l10n.t("Runicorn Remote: {0}, {1}", name, state) };
    item.show();
  };
  const tooltip = (): vscode.MarkdownString => {
    const hosts = connections.all.map(({ target }) => l10n.t("{0}: connected", displayText(target.host)));
    const served = api.url === undefined ? [] : [l10n.t("Local API running at {0}", api.url)];
    const links = viewers.sessions.length === 1 ? viewers.sessions.flatMap(linksOf) : [];
    return tooltipOf(
      [l10n.t("Runicorn Remote"), ...hosts, ...viewers.sessions.map(line), ...served, ...relayLine()],
      links,
    );
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
  const events = [connections, tunnels, viewers, api, relay].map((service) => service.onDidChange(show));
  return { dispose: () => [item, ...events].forEach((one) => void one.dispose()) };
}

function wayText({ localPort, remote }: Tunnel): string {
  return remote && "port" in remote
    ? l10n.t("localhost:{0} → port {1}", localPort, remote.port)
    : l10n.t("localhost:{0} → socket on the host", localPort);
}
