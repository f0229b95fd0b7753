import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { displayText } from "../../common/text/displayText.js";
import { describeFailure } from "../../messages/describeFailure.js";
import { formatTarget } from "../../ssh/model/target.js";
import type { ChangedKey, KnownHostEntry } from "../../ssh/hostKeys/knownHosts.js";
import { openToAccounts } from "../../messages/openToAccounts.js";
import type { TunnelBackend } from "../../tunnel/tunnel.js";
import type { ViewerAddress, ViewerSession } from "../../viewer/session/session.js";
import type { Host, HostState } from "../connections/hosts.js";
import { hostStateText, isKeyChanged } from "../connections/hostWords.js";
import { commandIds } from "../kit/commandIds.js";
import { rootTitle, sessionStateText, sessionTitle } from "../viewers/sessionWords.js";
import { contextValue, type ItemToken, knownHostsId } from "../kit/viewIds.js";
import { type Item, itemOf } from "../kit/item.js";
import { type TooltipLink, tooltipOf } from "../kit/tooltip.js";

/** A host, with its viewers below it. */
export function connectionItem({ id, target, saved, connection, awaited, sessions, state }: Host): Item {
  const label = displayText(saved?.name ?? target.host);
  const lastTime = saved?.root === undefined ? "" : l10n.t("last opened: {0}", displayText(saved.root));
  const facts = [
    label,
    displayText(connection?.id ?? formatTarget(target)),
    hostStateText(state),
    state.kind === "needs-person" ? describeFailure(state.failure).message : "",
    lastTime,
  ];
  const links: TooltipLink[] = [
    ...(saved
      ? [{ label: l10n.t("Open Last Viewer"), command: commandIds.openLastViewer, argument: id }]
      : []),
    ...(isKeyChanged(state) ? [{ label: l10n.t("Compare Keys"), command: commandIds.replaceHostKey }] : []),
  ];
  return itemOf({
    id: `connection:${id}`,
    label,
    description: hostStateText(state),
    tooltip: tooltipOf(facts, links),
    icon: hostIcon(state),
    contextValue: contextValue(
      "connection",
      ...(connection ? (["connected"] as const) : awaited === undefined ? [] : (["away"] as const)),
      ...(saved ? (["saved"] as const) : []),
      ...((saved?.passwords ?? []).length > 0 ? (["password"] as const) : []),
    ),
    expandable: sessions.length > 0 ? "expanded" : "no",
    opens: true,
  });
}

function hostIcon(state: HostState): vscode.ThemeIcon {
  switch (state.kind) {
    case "connected":
      return new vscode.ThemeIcon("vm-active", new vscode.ThemeColor("testing.iconPassed"));
    case "connecting":
      return new vscode.ThemeIcon("loading~spin");
    case "reconnecting":
      return new vscode.ThemeIcon("sync~spin", new vscode.ThemeColor("list.warningForeground"));
    case "needs-person":
      return new vscode.ThemeIcon("warning", new vscode.ThemeColor("list.warningForeground"));
    case "not-connected":
      return new vscode.ThemeIcon("vm");
  }
}

/** What stands there while no connection is kept. */
export function connectItem(): Item {
  const item = itemOf({
    id: "connect",
    label: l10n.t("Connect to Host…"),
    description: "",
    tooltip: l10n.t("See the runs on your GPU server."),
    icon: new vscode.ThemeIcon("add"),
    contextValue: contextValue("connect"),
  });
  item.command = { command: commandIds.connect, title: l10n.t("Connect to Host…") };
  return item;
}

/**
 * @param carriedBy what carries its tunnel now.
 * @param isRefusedBySsh whether ssh was to, and did not trust the host that it reached.
 */
export function sessionItem(
  session: ViewerSession,
  carriedBy: TunnelBackend | undefined,
  isRefusedBySsh: boolean,
): Item {
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
    ...(isRefusedBySsh
      ? [l10n.t("ssh does not trust the host key that it was shown, so it carries nothing")]
      : []),
    warning,
  ];
  return itemOf({
    id: `session:${id}`,
    label: rootTitle(session),
    description: kept ? `${sessionStateText(session)}, ${l10n.t("kept")}` : sessionStateText(session),
    tooltip: tooltipOf(facts, linksOf(session)),
    icon: sessionIcon(session),
    contextValue: isEnded ? contextValue("unconfirmed") : contextValue("session", ...tokensOf(session)),
    opens: true,
  });
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

/** The keys that are trusted, below one item. @param changed those that hosts have shown instead of known ones. */
export function knownHostsItem(count: number, changed: number): Item {
  return itemOf({
    id: knownHostsId,
    label: l10n.t("Known Hosts"),
    description: changed > 0 ? l10n.t("key changed") : String(count),
    tooltip: tooltipOf(
      [
        l10n.t("Known Hosts"),
        l10n.t("Host keys that you trust are kept here. Your own known_hosts file is read, never written."),
      ],
      [{ label: l10n.t("Import from ~/.ssh/known_hosts"), command: commandIds.importKnownHosts }],
    ),
    icon:
      changed > 0
        ? new vscode.ThemeIcon("warning", new vscode.ThemeColor("list.warningForeground"))
        : new vscode.ThemeIcon("key"),
    contextValue: contextValue("knownHosts"),
    expandable: "collapsed",
  });
}

/** @param names of hosts that are connected to and have shown this key. */
export function knownHostItem(entry: KnownHostEntry, names: readonly string[]): Item {
  const label = entry.hashed ? l10n.t("(hashed name)") : displayText(entry.hosts);
  const marker = entry.marker === undefined ? "" : `${entry.marker} `;
  const type = `${marker}${entry.key.type.replace(/^ssh-/, "")}`;
  const called = names.map(displayText).filter((name) => name !== label);
  return itemOf({
    id: `knownHost:${entry.marker ?? ""}:${entry.hosts}:${entry.key.fingerprint}`,
    label,
    description: [...called, type].join(" · "),
    tooltip: tooltipOf([label, ...called, entry.key.type, entry.key.fingerprint]),
    icon: new vscode.ThemeIcon(entry.marker === "@revoked" ? "error" : "key"),
    contextValue: contextValue("knownHost"),
  });
}

export function changedKeyItem({ name, offered, known }: ChangedKey): Item {
  const label = displayText(name);
  return itemOf({
    id: `changedKey:${name}`,
    label,
    description: l10n.t("key changed"),
    tooltip: tooltipOf(
      [
        l10n.t("The host key of {0} has changed", label),
        ...known.map(({ key }) => l10n.t("Old: {0}", key.fingerprint)),
        l10n.t("New: {0}", offered.fingerprint),
      ],
      [{ label: l10n.t("Compare Keys"), command: commandIds.replaceHostKey, argument: name }],
    ),
    icon: new vscode.ThemeIcon("warning", new vscode.ThemeColor("list.warningForeground")),
    contextValue: contextValue("changedKey"),
    opens: true,
  });
}
