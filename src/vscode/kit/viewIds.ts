/** Views, panels and context keys in package.json. A test compares them with it. */
export const viewIds = {
  connections: "runicorn.connections",
  runs: "runicorn.runs",
  relay: "runicorn.relay",
} as const;

/** The id of the item with the known hosts. */
export const knownHostsId = "knownHosts";

export const viewerPanelType = "runicorn.viewer";
export const chartsPanelType = "runicorn.charts";
export const runPanelType = "runicorn.run";
export const comparePanelType = "runicorn.compare";
export const diagnosisPanelType = "runicorn.diagnosis";
export const glancePanelType = "runicorn.glance";
export const connectionPanelType = "runicorn.connection";
export const runTablePanelType = "runicorn.runTable";

/** Set when the trees have loaded, so that no welcome view flashes up before. */
export const loadedContextKey = "runicorn.loaded";

/** Set while there is something of the kind, for the Command Palette. Known from the start for what is in files. */
export const stateContextKeys = {
  connected: "runicorn.connected",
  /** A host is connected to, or waited for. */
  canDisconnect: "runicorn.canDisconnect",
  hasViewer: "runicorn.hasViewer",
  hasKeptViewer: "runicorn.hasKeptViewer",
  isReconnecting: "runicorn.isReconnecting",
  keyChanged: "runicorn.keyChanged",
  hasConnections: "runicorn.hasConnections",
  hasPasswords: "runicorn.hasPasswords",
  /** An extension that can open windows on hosts is installed. */
  hasRemoteSsh: "runicorn.hasRemoteSsh",
  /** Connections were sorted manually. */
  isOrdered: "runicorn.isOrdered",
  hasKnownHosts: "runicorn.hasKnownHosts",
  /** This machine can be used as a host. */
  canBeHost: "runicorn.canBeHost",
  /** There are synced roots. */
  hasRuns: "runicorn.hasRuns",
  isSyncing: "runicorn.isSyncing",
  hasStoppedSync: "runicorn.hasStoppedSync",
  /** A filter is set. */
  isFiltered: "runicorn.isFiltered",
  /** There are unseen notices. */
  hasNotices: "runicorn.hasNotices",
  /** A log of a run is being followed. */
  hasTails: "runicorn.hasTails",
} as const;

/** Tokens of a tree item's `contextValue`, each between semicolons, so that `when` clauses can match one exactly. */
export type ItemToken =
  | "connect"
  | "connection"
  | "connected"
  | "away"
  | "saved"
  | "password"
  /** This machine, which needs no SSH, or something on it that is not a copy. */
  | "here"
  /** In a group. */
  | "grouped"
  /** A group of connections. */
  | "group"
  | "session"
  | "running"
  | "reconnecting"
  | "failed"
  | "unconfirmed"
  /** A viewer whose job has ended. */
  | "jobEnded"
  /** A queued job of ours. */
  | "job"
  | "kept"
  | "knownHosts"
  | "knownHost"
  | "changedKey"
  | "sync"
  | "active"
  | "paused"
  | "stopped"
  | "gone"
  | "noMatch"
  | "runGroup"
  /** A group of runs with the same path. */
  | "path"
  /** Has a rule for notices. */
  | "watched"
  | "pinned"
  | "unpinned"
  /** In Runicorn's recycle bin. */
  | "deleted"
  | "run"
  | "runFile"
  /** A file, not a folder. */
  | "file"
  | "relay"
  | "relayFact"
  | "relayCommand";

export function contextValue(...tokens: readonly ItemToken[]): string {
  return `;${tokens.join(";")};`;
}

/** Set while the local API is running, for menus. */
export const apiServingContextKey = "runicorn.apiServing";

/** Set while the relay agent is running, for menus. */
export const relayRunningContextKey = "runicorn.relayRunning";
