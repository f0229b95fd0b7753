import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { displayText } from "../../common/text/displayText.js";
import type { SavedConnection } from "../../savedConnections.js";
import type { Connection } from "../../ssh/model/connection.js";
import type { ChangedKey, KnownHostEntry } from "../../ssh/hostKeys/knownHosts.js";
import { openToAccounts } from "../../messages/openToAccounts.js";
import type { TunnelBackend } from "../../tunnel/tunnel.js";
import type { ViewerAddress, ViewerSession } from "../../viewer/session/session.js";
import { commandIds } from "../kit/commandIds.js";
import { sessionStateText, sessionTitle } from "../viewers/sessionWords.js";
import { contextValue, type ItemToken } from "../kit/viewIds.js";
import { type Item, itemOf } from "../kit/item.js";
import { type TooltipLink, tooltipOf } from "../kit/tooltip.js";

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
  const lastTime = saved?.root === undefined ? "" : l10n.t("last opened: {0}", displayText(saved.root));
  const facts = [label, ...(open ? [displayText(open.id)] : []), state, lastTime];
  const links: TooltipLink[] = saved
    ? [{ label: l10n.t("Open Last Viewer"), command: commandIds.openLastViewer, argument: id }]
    : [];
  const color = open ? new vscode.ThemeColor("testing.iconPassed") : undefined;
  const item = itemOf({
    id: `connection:${id}`,
    label,
    description: state,
    tooltip: tooltipOf(facts, links),
    icon: new vscode.ThemeIcon(open ? "vm-active" : isReconnecting ? "sync~spin" : "vm", color),
    contextValue: contextValue(
      "connection",
      ...(open ? (["connected"] as const) : isReconnecting ? (["away"] as const) : []),
      ...(saved ? (["saved"] as const) : []),
      ...((saved?.passwords ?? []).length > 0 ? (["password"] as const) : []),
    ),
    expandable: sessionCount > 0 ? "expanded" : "no",
  });
  if (saved)
    item.command = { command: commandIds.openLastViewer, title: l10n.t("Open Last Viewer"), arguments: [id] };
  return item;
}

/** @param carriedBy what carries its tunnel now. */
export function sessionItem(session: ViewerSession, carriedBy: TunnelBackend | undefined): Item {
  const { id, state, root, environment, kept } = session;
  const title = sessionTitle(session);
  const keeps = kept ? l10n.t("keeps running after VS Code closes") : "";
  const warning = openToAccounts(session) ?? "";
  const isEnded = state.kind === "stopped";
  const facts = [
    title,
    sessionStateText(session),
    keeps,
    displayText(root),
    `${displayText(environment.name)} · Runicorn ${environment.runicornVersion ?? ""}`,
    ...(state.kind === "running"
      ? [addressText(state.localPort, state.remote.address), l10n.t("process {0}", state.remote.pid)]
      : []),
    ...(carriedBy ? [carrierText(carriedBy)] : []),
    warning,
  ];
  const item = itemOf({
    id: `session:${id}`,
    label: title,
    description: kept ? `${sessionStateText(session)}, ${l10n.t("kept")}` : sessionStateText(session),
    tooltip: tooltipOf(facts, linksOf(session)),
    icon: sessionIcon(session),
    contextValue: isEnded ? contextValue("unconfirmed") : contextValue("session", ...tokensOf(session)),
  });
  item.command = isEnded
    ? { command: commandIds.stopViewer, title: l10n.t("Try Again"), arguments: [id] }
    : { command: commandIds.revealViewer, title: l10n.t("Show Viewer"), arguments: [id] };
  return item;
}

function addressText(localPort: number, address: ViewerAddress): string {
  return "socket" in address
    ? l10n.t("local port {0}, socket {1} on the host", localPort, address.socket)
    : l10n.t("local port {0}, remote port {1}", localPort, address.port);
}

function carrierText(backend: TunnelBackend): string {
  switch (backend) {
    case "openssh":
      return l10n.t("tunnel: a process of ssh");
    case "in-process":
      return l10n.t("tunnel: the connection itself");
    case "relay":
      return l10n.t("tunnel: a program on the host, whose SSH server forwards nothing");
  }
}

/** What can be done with a viewer, in its tooltip and in that of the status bar. */
export function linksOf({ id, state }: ViewerSession): TooltipLink[] {
  const link = (label: string, command: string): TooltipLink => ({ label, command, argument: id });
  if (state.kind === "stopped") return [link(l10n.t("Try Again"), commandIds.stopViewer)];
  return [
    link(l10n.t("Show"), commandIds.revealViewer),
    ...(state.kind === "running" ? [link(l10n.t("Open in Browser"), commandIds.openInBrowser)] : []),
    ...(state.kind === "failed" ? [link(l10n.t("Restart"), commandIds.restartViewer)] : []),
    link(l10n.t("Log"), commandIds.showViewerLog),
    link(l10n.t("Stop"), commandIds.stopViewer),
  ];
}

function tokensOf({ state, kept }: ViewerSession): ItemToken[] {
  const isToken = state.kind === "running" || state.kind === "failed" || state.kind === "reconnecting";
  return [...(isToken ? [state.kind] : []), ...(kept ? (["kept"] as const) : [])];
}

function sessionIcon({ state, kept }: ViewerSession): vscode.ThemeIcon {
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
      return new vscode.ThemeIcon(
        kept ? "pinned" : "graph-line",
        new vscode.ThemeColor("testing.iconPassed"),
      );
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
