/** Views, panels and context keys that package.json names too. A test holds them against it. */
export const viewIds = {
  connections: "runicorn.connections",
  runs: "runicorn.runs",
  relay: "runicorn.relay",
} as const;

/** The id of the item that holds the known hosts. */
export const knownHostsId = "knownHosts";

export const viewerPanelType = "runicorn.viewer";
export const chartsPanelType = "runicorn.charts";
export const runPanelType = "runicorn.run";
export const comparePanelType = "runicorn.compare";
export const diagnosisPanelType = "runicorn.diagnosis";
export const glancePanelType = "runicorn.glance";
export const connectionPanelType = "runicorn.connection";
export const runTablePanelType = "runicorn.runTable";

/** Set when the trees have loaded, so that no welcome text flashes up before. */
export const loadedContextKey = "runicorn.loaded";

/** Set while there is something of the kind, for the palette. What stands in files is known from the start. */
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
  /** An extension that opens windows on hosts is installed. */
  hasRemoteSsh: "runicorn.hasRemoteSsh",
  /** Connections were ordered by hand. */
  isOrdered: "runicorn.isOrdered",
  hasKnownHosts: "runicorn.hasKnownHosts",
  /** Programs run on this machine as they do on hosts. */
  canBeHost: "runicorn.canBeHost",
  /** Roots were copied. */
  hasRuns: "runicorn.hasRuns",
  isSyncing: "runicorn.isSyncing",
  hasStoppedSync: "runicorn.hasStoppedSync",
  /** A filter hides runs. */
  isFiltered: "runicorn.isFiltered",
  /** Something was told of runs, and nobody has looked at it. */
  hasNotices: "runicorn.hasNotices",
  /** The log of a run is followed. */
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
  /** This machine, which is reached without SSH, or what lies on it and is no copy. */
  | "here"
  /** It is in a group. */
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
  /** A job of ours that waits. */
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
  /** The runs of one path. */
  | "path"
  /** Notices about it were asked for. */
  | "watched"
  | "pinned"
  | "unpinned"
  /** It lies in Runicorn's recycle bin. */
  | "deleted"
  | "run"
  | "runFile"
  /** It can be read; a folder cannot. */
  | "file"
  | "relay"
  | "relayFact"
  | "relayCommand";

export function contextValue(...tokens: readonly ItemToken[]): string {
  return `;${tokens.join(";")};`;
}

/** Set while the local API is served, for the menus. */
export const apiServingContextKey = "runicorn.apiServing";

/** Set while the relay agent runs, for the menus. */
export const relayRunningContextKey = "runicorn.relayRunning";
