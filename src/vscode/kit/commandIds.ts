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
  releaseViewer: "runicorn.releaseViewer",
  stopViewer: "runicorn.stopViewer",
  copyUrl: "runicorn.copyUrl",
  copyLink: "runicorn.copyLink",
  copyFingerprint: "runicorn.copyFingerprint",
  removeKnownHost: "runicorn.removeKnownHost",
  importKnownHosts: "runicorn.importKnownHosts",
  replaceHostKey: "runicorn.replaceHostKey",
  showConnections: "runicorn.showConnections",
  showKnownHosts: "runicorn.showKnownHosts",
  openItem: "runicorn.openItem",
  refresh: "runicorn.refresh",
  showMenu: "runicorn.showMenu",
  showLog: "runicorn.showLog",
  showDocs: "runicorn.showDocs",
} as const;

/** The commands about saved connections, beside those that open viewers. */
export const connectionCommandIds = {
  edit: "runicorn.editConnection",
  rename: "runicorn.renameConnection",
  duplicate: "runicorn.duplicateConnection",
  diagnose: "runicorn.diagnose",
  openTerminal: "runicorn.openTerminal",
  copySshCommand: "runicorn.copySshCommand",
  openInRemoteSsh: "runicorn.openInRemoteSsh",
  forgetPassword: "runicorn.forgetPassword",
  editSshConfig: "runicorn.editSshConfig",
  exportConnections: "runicorn.exportConnections",
  importConnections: "runicorn.importConnections",
} as const;

/** The commands about jobs of clusters. */
export const jobCommandIds = {
  runAgain: "runicorn.runJobAgain",
  cancel: "runicorn.cancelJob",
} as const;

/** The commands about the order and the groups of saved connections. */
export const arrangeCommandIds = {
  moveUp: "runicorn.moveConnectionUp",
  moveDown: "runicorn.moveConnectionDown",
  moveToGroup: "runicorn.moveToGroup",
  renameGroup: "runicorn.renameGroup",
  removeFromGroup: "runicorn.removeFromGroup",
  orderByUse: "runicorn.orderByUse",
} as const;

/** The commands about runs on this machine. */
export const runCommandIds = {
  syncRuns: "runicorn.syncRuns",
  showRunsHere: "runicorn.showRunsHere",
  resumeSync: "runicorn.resumeSync",
  changeSync: "runicorn.changeSync",
  syncNow: "runicorn.syncNow",
  stopSync: "runicorn.stopSync",
  removeGone: "runicorn.removeGone",
  forgetSync: "runicorn.forgetSync",
  removeFromView: "runicorn.removeFromView",
  filterRuns: "runicorn.filterRuns",
  clearFilter: "runicorn.clearFilter",
  sortRuns: "runicorn.sortRuns",
  showCharts: "runicorn.showCharts",
  tailLog: "runicorn.tailLog",
  openRunFolder: "runicorn.openRunFolder",
  openRunFile: "runicorn.openRunFile",
  openInPlace: "runicorn.openInPlace",
} as const;

/** The commands about the charts of the tab that is in front. */
export const chartCommandIds = {
  savePng: "runicorn.saveChartsPng",
  copyPng: "runicorn.copyChartsPng",
  saveCsv: "runicorn.saveChartsCsv",
  copyCsv: "runicorn.copyChartsCsv",
  resetZoom: "runicorn.resetChartZoom",
} as const;

/** The commands about notices of runs. */
export const noticeCommandIds = {
  notifyAbout: "runicorn.notifyAbout",
  showNotices: "runicorn.showNotices",
} as const;

/** The commands about single runs in the tree. */
export const runItemCommandIds = {
  pinRun: "runicorn.pinRun",
  unpinRun: "runicorn.unpinRun",
  stopTail: "runicorn.stopTail",
} as const;

/** The commands that change runs on their host, through Runicorn's own viewer. */
export const writeBackCommandIds = {
  editRunTags: "runicorn.editRunTags",
  renameRun: "runicorn.renameRun",
  deleteRun: "runicorn.deleteRun",
  restoreRun: "runicorn.restoreRun",
} as const;

/** The commands about single runs, their files, and what tells several apart. */
export const runPageCommandIds = {
  openRun: "runicorn.openRun",
  compareRuns: "runicorn.compareRuns",
  compareBestRuns: "runicorn.compareBestRuns",
  openRunInViewer: "runicorn.openRunInViewer",
  copyRunId: "runicorn.copyRunId",
  copyRunPath: "runicorn.copyRunPath",
  copyRunLink: "runicorn.copyRunLink",
  downloadRunFile: "runicorn.downloadRunFile",
  openRunFileToSide: "runicorn.openRunFileToSide",
} as const;

/** The command for the table of all runs on this machine. */
export const tableCommandIds = {
  openRunTable: "runicorn.openRunTable",
} as const;

/** The command about how busy hosts are. */
export const glanceCommandIds = {
  showGlance: "runicorn.showGlance",
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
