import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { dateTimeText } from "../../messages/language/dateText.js";
import { displayText } from "../../common/text/displayText.js";
import type { RecentCommand, RelayStatus } from "../../relay/status.js";
import { type Item, itemOf } from "../kit/item.js";
import type { Node } from "../kit/treeView.js";
import { contextValue } from "../kit/viewIds.js";
import {
  commandTitle,
  durationText,
  fateText,
  latencyLines,
  medianText,
  relayProblemText,
  relayStateText,
} from "./relayWords.js";

function agentItem(status: RelayStatus): Item {
  const { url, proxyId, transport } = status;
  const facts = [
    displayText(url),
    l10n.t("proxy id {0}", displayText(proxyId)),
    transport === "websocket" ? "WebSocket" : "Socket.IO",
    relayStateText(status),
    relayProblemText(status),
  ];
  return itemOf({
    id: "relay",
    label: displayText(new URL(url).host),
    description: relayStateText(status),
    tooltip: facts.filter(Boolean).join("\n"),
    icon: agentIcon(status),
    contextValue: contextValue("relay"),
    expandable: "expanded",
  });
}

function agentIcon({ link }: RelayStatus): vscode.ThemeIcon {
  switch (link.kind) {
    case "connecting":
      return new vscode.ThemeIcon("sync~spin");
    case "connected":
      return new vscode.ThemeIcon("radio-tower", new vscode.ThemeColor("testing.iconPassed"));
    case "waiting":
      return new vscode.ThemeIcon("debug-disconnect", new vscode.ThemeColor("list.warningForeground"));
  }
}

/** Items for current commands, counters and latencies. */
function counterItems(status: RelayStatus): Item[] {
  const { counters, running, waiting, unacknowledged, connections, latency } = status;
  const { received, done, failed, refused, resent } = counters;
  const item = (id: string, icon: string, label: string, description: string, tooltip: string): Item =>
    itemOf({
      id: `relay:${id}`,
      label,
      description,
      tooltip,
      icon: new vscode.ThemeIcon(icon),
      contextValue: contextValue("relayFact"),
    });
  const problem = relayProblemText(status);
  return [
    ...(problem === "" ? [] : [item("problem", "warning", problem, "", problem)]),
    item(
      "now",
      "pulse",
      l10n.t("Now"),
      l10n.t("{0} running, {1} waiting", running, waiting),
      l10n.t("Open SSH connections: {0}", connections),
    ),
    item(
      "commands",
      "checklist",
      l10n.t("Ended"),
      l10n.t("{0} done, {1} failed, {2} refused", done, failed, refused),
      [l10n.t("Commands received: {0}", received), medianText(latency), ...latencyLines(latency)]
        .filter(Boolean)
        .join("\n"),
    ),
    item(
      "results",
      "mail",
      l10n.t("Results"),
      l10n.t("{0} unconfirmed, {1} resent", unacknowledged, resent),
      l10n.t("A result is kept until the main server says that it has it."),
    ),
  ];
}

function commandItem(command: RecentCommand): Item {
  const host = displayText(command.host);
  const facts = [
    commandTitle(command),
    host,
    `${fateText(command)}, ${durationText(command.milliseconds)}`,
    dateTimeText(command.at),
    command.command === undefined ? "" : displayText(command.command.slice(0, 1_000)),
  ];
  return itemOf({
    id: `relay:command:${command.id}`,
    label: commandTitle(command),
    description: [host, fateText(command), durationText(command.milliseconds)].filter(Boolean).join(" · "),
    tooltip: facts.filter(Boolean).join("\n"),
    icon: commandIcon(command),
    contextValue: contextValue("relayCommand"),
  });
}

function commandIcon({ fate, exitCode }: RecentCommand): vscode.ThemeIcon {
  if (fate === "refused") return new vscode.ThemeIcon("circle-slash");
  if (fate === "done" && exitCode === 0)
    return new vscode.ThemeIcon("pass", new vscode.ThemeColor("testing.iconPassed"));
  return new vscode.ThemeIcon("error", new vscode.ThemeColor("testing.iconFailed"));
}

/** The agent, with its counters and last commands as children. */
export function agentNode(status: RelayStatus): Node<RelayStatus> {
  const items = [...counterItems(status), ...status.recent.map(commandItem)];
  return { item: agentItem(status), data: status, children: items.map((item) => ({ item, data: status })) };
}
