import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { displayText } from "../../common/bytes.js";
import type { SavedConnection } from "../../savedConnections.js";
import type { Connection } from "../../ssh/connection.js";
import type { ChangedKey, KnownHostEntry } from "../../ssh/knownHosts.js";
import type { ViewerSession } from "../../viewer/session.js";
import { commandIds } from "../commandIds.js";
import { sessionStateText, sessionTitle } from "../sessionWords.js";
import { contextValue, type ItemToken } from "../viewIds.js";
import { type Item, itemOf } from "./item.js";

export function connectionItem(
  saved: SavedConnection | undefined,
  open: Connection | undefined,
  sessionCount: number,
  isReconnecting: boolean,
): Item {
  const id = saved?.id ?? open?.id ?? "";
  const label = displayText(saved?.name ?? open?.target.host ?? "");
  const state = open
    ? l10n.t("connected")
    : isReconnecting
      ? l10n.t("reconnecting…")
      : l10n.t("not connected");
  const color = open ? new vscode.ThemeColor("testing.iconPassed") : undefined;
  return itemOf({
    id: `connection:${id}`,
    label,
    description: state,
    tooltip: open ? displayText(`${open.id}\n${state}`).replace("\\x0a", "\n") : state,
    icon: new vscode.ThemeIcon(open ? "vm-active" : isReconnecting ? "sync~spin" : "vm", color),
    contextValue: contextValue(
      "connection",
      ...(open ? (["connected"] as const) : []),
      ...(saved ? (["saved"] as const) : []),
    ),
    expandable: sessionCount > 0 ? "expanded" : "no",
  });
}

export function sessionItem(session: ViewerSession): Item {
  const { state, root, environment } = session;
  const facts = [
    displayText(root),
    `${displayText(environment.name)} · Runicorn ${environment.runicornVersion ?? ""}`,
    ...(state.kind === "running"
      ? [
          l10n.t("local port {0}, remote port {1}", state.localPort, state.remote.port),
          l10n.t("process {0}", state.remote.pid),
        ]
      : []),
    sessionStateText(session),
  ];
  const item = itemOf({
    id: `session:${session.id}`,
    label: sessionTitle(session),
    description: sessionStateText(session),
    tooltip: facts.join("\n"),
    icon: sessionIcon(session),
    contextValue: contextValue("session", ...tokensOf(session)),
  });
  item.command = { command: commandIds.revealViewer, title: l10n.t("Show Viewer"), arguments: [session.id] };
  return item;
}

function tokensOf({ state, kept }: ViewerSession): ItemToken[] {
  const isToken = state.kind === "running" || state.kind === "failed" || state.kind === "reconnecting";
  return [...(isToken ? [state.kind] : []), ...(kept ? (["kept"] as const) : [])];
}

function sessionIcon({ state }: ViewerSession): vscode.ThemeIcon {
  switch (state.kind) {
    case "starting":
    case "stopping":
      return new vscode.ThemeIcon("loading~spin");
    case "reconnecting":
      return new vscode.ThemeIcon(
        state.wait.kind === "person" ? "debug-disconnect" : "sync~spin",
        new vscode.ThemeColor("list.warningForeground"),
      );
    case "running":
      return new vscode.ThemeIcon("graph-line", new vscode.ThemeColor("testing.iconPassed"));
    case "stopped":
      return new vscode.ThemeIcon("circle-slash");
    case "failed":
      return new vscode.ThemeIcon("error", new vscode.ThemeColor("testing.iconFailed"));
  }
}

export function knownHostItem(entry: KnownHostEntry): Item {
  const label = entry.hashed ? l10n.t("(hashed name)") : displayText(entry.hosts);
  const marker = entry.marker === undefined ? "" : `${entry.marker} `;
  return itemOf({
    id: `knownHost:${entry.marker ?? ""}:${entry.hosts}:${entry.key.fingerprint}`,
    label,
    description: `${marker}${entry.key.type.replace(/^ssh-/, "")}`,
    tooltip: `${label}\n${entry.key.type}\n${entry.key.fingerprint}`,
    icon: new vscode.ThemeIcon(entry.marker === "@revoked" ? "error" : "key"),
    contextValue: contextValue("knownHost"),
  });
}

export function changedKeyItem({ name, offered, known }: ChangedKey): Item {
  const label = displayText(name);
  const item = itemOf({
    id: `changedKey:${name}`,
    label,
    description: l10n.t("key changed"),
    tooltip: [
      l10n.t("The host key of {0} has changed", label),
      ...known.map(({ key }) => l10n.t("Old: {0}", key.fingerprint)),
      l10n.t("New: {0}", offered.fingerprint),
    ].join("\n"),
    icon: new vscode.ThemeIcon("warning", new vscode.ThemeColor("list.warningForeground")),
    contextValue: contextValue("changedKey"),
  });
  item.command = { command: commandIds.replaceHostKey, title: l10n.t("Compare Keys"), arguments: [name] };
  return item;
}
