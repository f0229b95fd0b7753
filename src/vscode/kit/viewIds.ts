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
export const diagnosisPanelType = "runicorn.diagnosis";

/** Set when the trees have loaded, so that no welcome text flashes up before. */
export const loadedContextKey = "runicorn.loaded";

/** Set while there is something of the kind, for the palette. What was not looked at yet is taken to be there. */
export const stateContextKeys = {
  connected: "runicorn.connected",
  hasViewer: "runicorn.hasViewer",
  isReconnecting: "runicorn.isReconnecting",
  keyChanged: "runicorn.keyChanged",
  hasNoConnections: "runicorn.hasNoConnections",
  hasNoRuns: "runicorn.hasNoRuns",
  /** A filter hides runs. */
  isFiltered: "runicorn.isFiltered",
} as const;

/** Tokens of a tree item's `contextValue`, each between semicolons, so that `when` clauses can match one exactly. */
export type ItemToken =
  | "connect"
  | "connection"
  | "connected"
  | "away"
  | "saved"
  | "password"
  | "session"
  | "running"
  | "reconnecting"
  | "failed"
  | "unconfirmed"
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
  | "run"
  | "runFile"
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
