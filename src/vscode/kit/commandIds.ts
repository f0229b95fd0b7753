/** Every command of the extension. A test compares this list with package.json. */
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

/** Commands for saved connections, except those that open viewers. */
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

/** Commands for jobs of clusters. */
export const jobCommandIds = {
  runAgain: "runicorn.runJobAgain",
  cancel: "runicorn.cancelJob",
} as const;

/** Commands for the order and groups of saved connections. */
export const arrangeCommandIds = {
  moveUp: "runicorn.moveConnectionUp",
  moveDown: "runicorn.moveConnectionDown",
  moveToGroup: "runicorn.moveToGroup",
  renameGroup: "runicorn.renameGroup",
  removeFromGroup: "runicorn.removeFromGroup",
  orderByUse: "runicorn.orderByUse",
} as const;

/** Commands for runs on this machine. */
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

/** Commands for the charts of the active tab. */
export const chartCommandIds = {
  savePng: "runicorn.saveChartsPng",
  copyPng: "runicorn.copyChartsPng",
  saveCsv: "runicorn.saveChartsCsv",
  copyCsv: "runicorn.copyChartsCsv",
  resetZoom: "runicorn.resetChartZoom",
} as const;

/** Commands for notices of runs. */
export const noticeCommandIds = {
  notifyAbout: "runicorn.notifyAbout",
  showNotices: "runicorn.showNotices",
} as const;

/** Commands for single runs in the tree. */
export const runItemCommandIds = {
  pinRun: "runicorn.pinRun",
  unpinRun: "runicorn.unpinRun",
  stopTail: "runicorn.stopTail",
} as const;

/** Commands that change runs on their host, through Runicorn's viewer. */
export const writeBackCommandIds = {
  editRunTags: "runicorn.editRunTags",
  renameRun: "runicorn.renameRun",
  deleteRun: "runicorn.deleteRun",
  restoreRun: "runicorn.restoreRun",
} as const;

/** Commands for single runs, their files, and comparisons. */
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

/** The command for the tab of all hosts. */
export const glanceCommandIds = {
  showGlance: "runicorn.showGlance",
} as const;

/** Commands for the local REST API. */
export const apiCommandIds = {
  startApi: "runicorn.startApi",
  stopApi: "runicorn.stopApi",
  apiToken: "runicorn.apiToken",
} as const;

/** Commands for the relay agent. */
export const relayCommandIds = {
  startRelay: "runicorn.startRelay",
  stopRelay: "runicorn.stopRelay",
  showRelayAudit: "runicorn.showRelayAudit",
} as const;

export type RelayCommandId = (typeof relayCommandIds)[keyof typeof relayCommandIds];

export type ApiCommandId = (typeof apiCommandIds)[keyof typeof apiCommandIds];

export type CommandId = (typeof commandIds)[keyof typeof commandIds];
