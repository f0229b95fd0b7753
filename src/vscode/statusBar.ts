import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../app.js";
import { displayText } from "../common/bytes.js";
import type { Disposable } from "../common/disposable.js";
import type { LocalApi } from "./api/localApi.js";
import { commandIds } from "./commandIds.js";
import { relayProblemText, relayStateText } from "./relay/relayWords.js";

/** One item: hidden while nothing is connected, else the host and the number of tunnels; a click shows a menu. */
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
    const count = tunnels.all.length;
    const relayIcon = relay.status?.link.kind === "connected" ? "radio-tower" : "debug-disconnect";
    const isRelayOnly = relay.status !== undefined && hosts.length === 0;
    const icon = lost.length > 0 ? "sync~spin" : isRelayOnly ? relayIcon : "plug";
    const relayed = relay.status && !isRelayOnly ? ` $(${relayIcon})` : "";
    item.text = `$(${icon}) ${name}${count > 0 ? ` $(arrow-swap) ${count}` : ""}${relayed}`;
    item.tooltip = tooltip();
    item.backgroundColor =
      failed || lost.length > 0 ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    item.accessibilityInformation = { label: l10n.t("Runicorn Remote: {0}, {1} tunnels", name, count) };
    item.show();
  };
  const tooltip = (): string => {
    const lines = tunnels.all.map(({ connectionId, localPort, remote, backend }) => {
      const host = connections.get(connectionId)?.target.host ?? connectionId;
      const way = l10n.t("localhost:{0} → port {1} of {2}", localPort, remote.port, displayText(host));
      return backend === undefined ? `${way} (${l10n.t("reconnecting…")})` : way;
    });
    const served = api.url === undefined ? [] : [l10n.t("The local API is served on {0}", api.url)];
    const { status } = relay;
    const relayed = status
      ? [
          l10n.t(
            "The relay agent of {0} runs: {1}",
            displayText(status.url),
            relayProblemText(status) || relayStateText(status),
          ),
        ]
      : [];
    return [...(lines.length === 0 ? [l10n.t("No tunnels")] : lines), ...served, ...relayed].join("\n");
  };
  show();
  const events = [connections, tunnels, viewers, api, relay].map((service) => service.onDidChange(show));
  return { dispose: () => [item, ...events].forEach((one) => void one.dispose()) };
}
