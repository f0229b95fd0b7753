/** Every command of the extension. A test holds this list against package.json. */
export const commandIds = {
  connect: "runicorn.connect",
  openLastViewer: "runicorn.openLastViewer",
  openViewer: "runicorn.openViewer",
  disconnect: "runicorn.disconnect",
  forgetConnection: "runicorn.forgetConnection",
  revealViewer: "runicorn.revealViewer",
  openInBrowser: "runicorn.openInBrowser",
  reloadViewer: "runicorn.reloadViewer",
  showViewerLog: "runicorn.showViewerLog",
  restartViewer: "runicorn.restartViewer",
  reconnectViewer: "runicorn.reconnectViewer",
  keepViewer: "runicorn.keepViewer",
  stopViewer: "runicorn.stopViewer",
  copyUrl: "runicorn.copyUrl",
  copyLink: "runicorn.copyLink",
  copyFingerprint: "runicorn.copyFingerprint",
  removeKnownHost: "runicorn.removeKnownHost",
  importKnownHosts: "runicorn.importKnownHosts",
  replaceHostKey: "runicorn.replaceHostKey",
  showKnownHosts: "runicorn.showKnownHosts",
  openItem: "runicorn.openItem",
  refresh: "runicorn.refresh",
  showMenu: "runicorn.showMenu",
  showLog: "runicorn.showLog",
} as const;

/** The commands about saved connections, beside those that open viewers. */
export const connectionCommandIds = {
  rename: "runicorn.renameConnection",
  duplicate: "runicorn.duplicateConnection",
  diagnose: "runicorn.diagnose",
  openTerminal: "runicorn.openTerminal",
  copySshCommand: "runicorn.copySshCommand",
  forgetPassword: "runicorn.forgetPassword",
  editSshConfig: "runicorn.editSshConfig",
  exportConnections: "runicorn.exportConnections",
  importConnections: "runicorn.importConnections",
} as const;

/** The commands about runs on this machine. */
export const runCommandIds = {
  syncRuns: "runicorn.syncRuns",
  resumeSync: "runicorn.resumeSync",
  changeSync: "runicorn.changeSync",
  syncNow: "runicorn.syncNow",
  stopSync: "runicorn.stopSync",
  removeGone: "runicorn.removeGone",
  forgetSync: "runicorn.forgetSync",
  filterRuns: "runicorn.filterRuns",
  clearFilter: "runicorn.clearFilter",
  sortRuns: "runicorn.sortRuns",
  showCharts: "runicorn.showCharts",
  tailLog: "runicorn.tailLog",
  openRunFolder: "runicorn.openRunFolder",
  openRunFile: "runicorn.openRunFile",
} as const;

/** The commands about the local REST API. */
export const apiCommandIds = {
  startApi: "runicorn.startApi",
  stopApi: "runicorn.stopApi",
  apiToken: "runicorn.apiToken",
} as const;

/** The commands about the relay agent. */
export const relayCommandIds = {
  startRelay: "runicorn.startRelay",
  stopRelay: "runicorn.stopRelay",
  showRelayAudit: "runicorn.showRelayAudit",
} as const;

export type RelayCommandId = (typeof relayCommandIds)[keyof typeof relayCommandIds];

export type ApiCommandId = (typeof apiCommandIds)[keyof typeof apiCommandIds];

export type CommandId = (typeof commandIds)[keyof typeof commandIds];
