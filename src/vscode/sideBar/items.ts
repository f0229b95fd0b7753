import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { timeText } from "../../messages/language/dateText.js";
import { displayText } from "../../common/text/displayText.js";
import { groupOf } from "../../connectionOrder.js";
import type { Glance } from "../../glance/glances.js";
import { describeFailure } from "../../messages/describeFailure.js";
import {
  busyText,
  gpuCells,
  gpuHeadings,
  gpuNotes,
  machineFacts,
} from "../../messages/glance/hostStatusWords.js";
import { hostName } from "../../messages/hostName.js";
import { jobStateText } from "../../messages/slurm/jobWords.js";
import type { WatchedJob } from "../../slurm/slurm.js";
import { formatTarget } from "../../ssh/model/target.js";
import { isThisMachine } from "../../ssh/model/thisMachine.js";
import type { ChangedKey, KnownHostEntry } from "../../ssh/hostKeys/knownHosts.js";
import { openToAccounts } from "../../messages/viewerWords.js";
import type { TunnelBackend } from "../../tunnel/tunnel.js";
import type { ViewerAddress, ViewerSession } from "../../viewer/session/session.js";
import type { Host, HostState } from "../connections/hosts.js";
import { hostStateText, isKeyChanged } from "../connections/hostWords.js";
import { commandIds, glanceCommandIds, jobCommandIds } from "../kit/commandIds.js";
import { endOfJob, type SessionJob } from "../jobKit/jobOfSession.js";
import { rootTitle, sessionStateText, sessionTitle } from "../viewers/sessionWords.js";
import { contextValue, type ItemToken, knownHostsId } from "../kit/viewIds.js";
import { type Item, itemOf } from "../kit/item.js";
import { type TooltipLink, tooltipOf } from "../kit/tooltip.js";

/** Maximum number of GPUs in a tooltip; the page of all hosts shows more. */
const mostGpuRows = 16;

/**
 * The item of a host.
 * @param glance how busy it was at the last update of the row.
 * @param place a remark: that the window is on it, or which machine this one is.
 * @param jobs number of queued jobs below it.
 */
export function connectionItem(
  host: Host,
  glance: Glance | undefined,
  place: string | undefined,
  jobs = 0,
): Item {
  const { id, saved, connection, awaited, sessions, state } = host;
  const { isHere, written, label } = namesOf(host);
  return itemOf({
    id: connectionItemId(id),
    label,
    // A name may be anything, even that of another host. In a narrow side bar the icon still shows the state,
    // except for this machine, whose state stands before what is known of it anyway.
    description: [
      !isHere && saved && label !== written ? written : "",
      isHere ? "" : (place ?? ""),
      glance?.status && glance.at !== undefined ? busyText(glance.status) : "",
      hostStateText(state),
      isHere ? written : "",
    ]
      .filter(Boolean)
      .join(" · "),
    tooltip: () => connectionTooltip(host, glance, place),
    icon: isHere ? new vscode.ThemeIcon("device-desktop") : hostIcon(state),
    contextValue: contextValue(
      "connection",
      ...(connection ? (["connected"] as const) : awaited === undefined ? [] : (["away"] as const)),
      ...(saved ? (["saved"] as const) : []),
      ...((saved?.passwords ?? []).length > 0 ? (["password"] as const) : []),
      ...(isHere ? (["here"] as const) : []),
      ...(saved && groupOf(saved) !== undefined ? (["grouped"] as const) : []),
    ),
    expandable: sessions.length + jobs > 0 ? "expanded" : "no",
    opens: true,
  });
}

export function connectionItemId(id: Host["id"]): string {
  return `connection:${id}`;
}

function namesOf({ target, saved }: Host) {
  const isHere = isThisMachine(target);
  return {
    isHere,
    written: isHere ? l10n.t("without SSH") : displayText(formatTarget(target)),
    label: isHere ? l10n.t("This Machine") : displayText(saved?.name ?? target.host),
  };
}

function connectionTooltip(
  host: Host,
  glance: Glance | undefined,
  place: string | undefined,
): vscode.MarkdownString {
  const { id, saved, connection, state } = host;
  const { isHere, written, label } = namesOf(host);
  const busy = glanceFacts(glance);
  const facts = [
    label,
    place ?? "",
    connection && !isHere ? displayText(connection.id) : written,
    hostStateText(state),
    state.kind === "needs-person" ? describeFailure(state.failure).message : "",
    saved?.root === undefined ? "" : l10n.t("last opened: {0}", displayText(saved.root)),
    ...busy.facts,
  ];
  const links: TooltipLink[] = [
    ...(saved
      ? [{ label: l10n.t("Open Last Viewer"), command: commandIds.openLastViewer, argument: id }]
      : []),
    ...(isKeyChanged(state) ? [{ label: l10n.t("Compare Keys"), command: commandIds.replaceHostKey }] : []),
    ...(connection ? [{ label: l10n.t("Hosts at a Glance"), command: glanceCommandIds.showGlance }] : []),
  ];
  return tooltipOf(facts, links, busy.table);
}

export function groupItemId(name: string): string {
  return `group:${name}`;
}

/** The item of a group of connections. @param count number of hosts in it. */
export function groupItem(name: string, count: number): Item {
  const label = displayText(name);
  return itemOf({
    id: groupItemId(name),
    label,
    description: String(count),
    tooltip: label,
    icon: new vscode.ThemeIcon("folder"),
    contextValue: contextValue("group"),
    expandable: "expanded",
  });
}

/** The item of a host from ~/.ssh/config that is not saved. */
export function offeredHostItem(host: Host): Item {
  const item = connectionItem(host, undefined, undefined);
  item.description = l10n.t("from ~/.ssh/config");
  return item;
}

/** The lines and the table of GPUs that a glance adds to a tooltip. */
function glanceFacts(glance: Glance | undefined) {
  const { status, at, roots = [] } = glance ?? {};
  if (!status || at === undefined) return { facts: [], table: [] };
  const facts = machineFacts(status, roots).map(({ label, value }) => `${label}: ${value}`);
  const table = [gpuHeadings(), ...status.gpus.slice(0, mostGpuRows).map(gpuCells)];
  return {
    facts: [...facts, ...gpuNotes(status), l10n.t("as of {0}", timeText(at))],
    table: status.gpus.length > 0 ? table : [],
  };
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

/** The item shown while there is no saved connection. */
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
 * @param backend the current backend of its tunnel.
 * @param isRefusedBySsh whether the system's ssh was to carry it, but did not trust the host.
 * @param job the job of its viewer.
 */
export function sessionItem(
  session: ViewerSession,
  backend: TunnelBackend | undefined,
  isRefusedBySsh: boolean,
  job?: SessionJob,
): Item {
  const { id, state, kept } = session;
  const isEnded = state.kind === "stopped";
  const text = sessionStateText(session, job);
  return itemOf({
    id: sessionItemId(id),
    label: rootTitle(session),
    description: kept ? `${text}, ${l10n.t("kept")}` : text,
    tooltip: () => sessionTooltip(session, backend, isRefusedBySsh, job),
    icon: sessionIcon(session),
    contextValue: isEnded ? contextValue("unconfirmed") : contextValue("session", ...tokensOf(session)),
    opens: true,
  });
}

export function sessionItemId(id: ViewerSession["id"]): string {
  return `session:${id}`;
}

function sessionTooltip(
  session: ViewerSession,
  backend: TunnelBackend | undefined,
  isRefusedBySsh: boolean,
  job: SessionJob | undefined,
): vscode.MarkdownString {
  const { state, root, environment, kept } = session;
  const facts = [
    sessionTitle(session),
    job ? l10n.t("job {0}", job.jobId) : "",
    sessionStateText(session, job),
    kept ? l10n.t("keeps running after VS Code closes") : "",
    displayText(root),
    // The version of a restored session is unknown until its host is reached.
    [displayText(environment.name), environment.runicornVersion && `Runicorn ${environment.runicornVersion}`]
      .filter(Boolean)
      .join(" · "),
    ...(state.kind === "running"
      ? [addressText(state.localPort, state.remote.address), l10n.t("process {0}", state.remote.pid)]
      : []),
    ...(backend ? [forwarderText(backend)] : []),
    ...(isRefusedBySsh
      ? [l10n.t("ssh does not trust the host key that it was shown, so it carries nothing")]
      : []),
    openToAccounts(session) ?? "",
  ];
  return tooltipOf(facts, linksOf(session));
}

function addressText(localPort: number, address: ViewerAddress): string {
  return "socket" in address
    ? l10n.t("local port {0}, socket {1} on the host", localPort, address.socket)
    : l10n.t("local port {0}, remote port {1}", localPort, address.port);
}

function forwarderText(backend: TunnelBackend): string {
  switch (backend) {
    case "openssh":
      return l10n.t("tunnel: a process of ssh");
    case "in-process":
      return l10n.t("tunnel: the connection itself");
    case "relay":
      return l10n.t("tunnel: a program on the host, whose SSH server forwards nothing");
  }
}

/** Actions for a viewer, in its tooltip and in that of the status bar. */
export function linksOf({ id, state }: ViewerSession): TooltipLink[] {
  const link = (label: string, command: string): TooltipLink => ({ label, command, argument: id });
  if (state.kind === "stopped") return [link(l10n.t("Try Again"), commandIds.stopViewer)];
  return [
    link(l10n.t("Show"), commandIds.revealViewer),
    ...(state.kind === "running" ? [link(l10n.t("Open in Browser"), commandIds.openInBrowser)] : []),
    ...(state.kind === "failed" ? [againLink({ state }, link)] : []),
    link(l10n.t("Log"), commandIds.showViewerLog),
    link(l10n.t("Stop"), commandIds.stopViewer),
  ];
}

function againLink(
  session: Pick<ViewerSession, "state">,
  link: (label: string, command: string) => TooltipLink,
): TooltipLink {
  return endOfJob(session)
    ? link(l10n.t("Run Again"), jobCommandIds.runAgain)
    : link(l10n.t("Restart"), commandIds.restartViewer);
}

function tokensOf({ state, kept }: ViewerSession): ItemToken[] {
  if (endOfJob({ state })) return ["jobEnded"];
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
      return endOfJob({ state })
        ? new vscode.ThemeIcon("stop-circle", new vscode.ThemeColor("list.warningForeground"))
        : new vscode.ThemeIcon("error", new vscode.ThemeColor("testing.iconFailed"));
  }
}

/** A queued job of ours. */
export function jobItem({ jobId, state }: Pick<WatchedJob, "jobId" | "state">, host: string): Item {
  const [label, text] = [l10n.t("Job {0}", jobId), jobStateText(state)];
  return itemOf({
    id: jobItemId(host, jobId),
    label,
    description: text,
    tooltip: () => tooltipOf([l10n.t("Job {0} on {1}", jobId, hostName(host)), text]),
    icon:
      state.kind === "unknown"
        ? new vscode.ThemeIcon("question", new vscode.ThemeColor("list.warningForeground"))
        : new vscode.ThemeIcon("watch"),
    contextValue: contextValue("job"),
    opens: true,
  });
}

export function jobItemId(host: string, jobId: string): string {
  return `job:${jobId} ${host}`;
}

/** The item with the trusted keys. @param changed number of hosts whose key changed. */
export function knownHostsItem(count: number, changed: number): Item {
  return itemOf({
    id: knownHostsId,
    label: l10n.t("Known Hosts"),
    description: changed > 0 ? l10n.t("key changed") : String(count),
    tooltip: () =>
      tooltipOf(
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

/** @param names of connected hosts that presented this key. */
export function knownHostItem(entry: KnownHostEntry, names: readonly string[]): Item {
  const label = entry.hashed ? l10n.t("(hashed name)") : displayText(entry.hosts);
  const marker = entry.marker === undefined ? "" : `${entry.marker} `;
  const type = `${marker}${entry.key.type.replace(/^ssh-/, "")}`;
  const called = names.map(displayText).filter((name) => name !== label);
  return itemOf({
    id: `knownHost:${entry.marker ?? ""}:${entry.hosts}:${entry.key.fingerprint}`,
    label,
    description: [...called, type].join(" · "),
    tooltip: () => tooltipOf([label, ...called, entry.key.type, entry.key.fingerprint]),
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
    tooltip: () =>
      tooltipOf(
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
