/**
 * Arrows point one way:
 * vscode, headless -> api -> app -> viewer, sync, relay -> environments, tunnel, files -> ssh -> common
 */
const room = (name) => `^src/${name}/`;
const never = (name, from, to) => ({ name, severity: "error", from: { path: from }, to: { path: to } });

module.exports = {
  forbidden: [
    { name: "no-cycle", severity: "error", from: {}, to: { circular: true } },
    never("common-knows-no-room", room("common"), "^src/(?!common/)"),
    never("ssh-knows-only-common", room("ssh"), "^src/(?!(ssh|common)/)"),
    never("tunnel-knows-ssh-and-common", room("tunnel"), "^src/(?!(tunnel|ssh|common)/)"),
    never("files-know-ssh-and-common", room("files"), "^src/(?!(files|ssh|common)/)"),
    never("environments-know-ssh-and-common", room("environments"), "^src/(?!(environments|ssh|common)/)"),
    never(
      "viewer-knows-the-rooms-below",
      room("viewer"),
      "^src/(?!(viewer|tunnel|environments|ssh|common)/)",
    ),
    never("relay-knows-ssh-and-common", room("relay"), "^src/(?!(relay|ssh|common)/)"),
    never("sync-knows-ssh-and-common", room("sync"), "^src/(?!(sync|ssh|common)/)"),
    never("messages-speak-of-rooms-only", room("messages"), "^src/(vscode/|extension|headless|app)"),
    never(
      "app-knows-no-surface",
      "^src/(app|savedConnections|savedConnectionId|secretStore)\\.ts$",
      "^src/(vscode/|extension|headless)",
    ),
    never("api-knows-no-surface", room("api"), "^src/(vscode/|extension|headless)"),
    {
      name: "nobody-but-surfaces-knows-the-api",
      severity: "error",
      from: { pathNot: "^src/(api/|vscode/|extension|headless|messages/)|^test/" },
      to: { path: room("api") },
    },
    {
      name: "only-vscode-imports-vscode",
      severity: "error",
      from: { pathNot: "^src/(vscode/|extension\\.ts$)|^test/" },
      to: { path: "(^|/)vscode(/|$)", pathNot: "^src/" },
    },
    {
      name: "terminal-knows-no-vscode-room",
      severity: "error",
      from: { path: "^src/headless" },
      to: { path: "^src/(vscode/|extension)" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: [".ts", ".js", ".d.ts"] },
  },
};
