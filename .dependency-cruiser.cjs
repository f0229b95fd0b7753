/**
 * Arrows point one way:
 * vscode, headless -> api -> app -> viewer, sync, relay -> environments, glance, tunnel, files -> ssh -> common
 */
const room = (name) => `^src/${name}/`;
const never = (name, from, to) => ({ name, severity: "error", from: { path: from }, to: { path: to } });

/**
 * Sub-rooms of a room in layers: each knows those in the layers before its own, and nothing else of the room. The files
 * at the top of the room know all of them.
 */
const layered = (parent, layers) =>
  layers.flatMap((layer, index) =>
    layer.map((name) => {
      const known = [...layers.slice(0, index).flat(), name].map((other) => `${other}/`).join("|");
      return never(
        `${parent}-${name}-knows-only-lower-layers`,
        room(`${parent}/${name}`),
        `^src/${parent}/(?!${known})`,
      );
    }),
  );

/** Two ways to a host, ssh2 in this process and the system's OpenSSH, stand side by side. */
const sshLayers = [
  ["model"],
  ["config", "channel"],
  ["hostKeys", "route"],
  ["login"],
  ["inProcess", "openssh"],
];

module.exports = {
  forbidden: [
    { name: "no-cycle", severity: "error", from: {}, to: { circular: true } },
    never("common-knows-no-room", room("common"), "^src/(?!common/)"),
    never("ssh-knows-only-common", room("ssh"), "^src/(?!(ssh|common)/)"),
    ...layered("ssh", sshLayers),
    never("tunnel-knows-ssh-and-common", room("tunnel"), "^src/(?!(tunnel|ssh|common)/)"),
    never("files-know-ssh-and-common", room("files"), "^src/(?!(files|ssh|common)/)"),
    never("glance-knows-ssh-and-common", room("glance"), "^src/(?!(glance|ssh|common)/)"),
    never("slurm-knows-ssh-and-common", room("slurm"), "^src/(?!(slurm|ssh|common)/)"),
    never("environments-know-ssh-and-common", room("environments"), "^src/(?!(environments|ssh|common)/)"),
    never(
      "viewer-knows-the-rooms-below",
      room("viewer"),
      "^src/(?!(viewer|tunnel|environments|slurm|ssh|common)/)",
    ),
    never(
      "diagnosis-knows-the-rooms-below",
      room("diagnosis"),
      "^src/(?!(diagnosis|tunnel|environments|files|ssh|common)/)",
    ),
    // Inside viewer: session <- remote <- host <- what starts and stops viewers.
    never(
      "viewer-session-knows-no-ssh",
      room("viewer/session"),
      "^src/(?!(viewer/session/|viewer/failures\\.ts$|tunnel/|environments/|common/))",
    ),
    never(
      "viewer-remote-knows-no-host",
      room("viewer/remote"),
      "^src/viewer/(?!(remote|session)/|failures\\.ts$)",
    ),
    never(
      "viewer-host-knows-no-start",
      room("viewer/host"),
      "^src/viewer/(?!(host|remote|session)/|failures\\.ts$)",
    ),
    never("relay-knows-ssh-and-common", room("relay"), "^src/(?!(relay|ssh|common)/)"),
    never("sync-knows-ssh-and-common", room("sync"), "^src/(?!(sync|ssh|common)/)"),
    never("charts-know-sync-and-common", room("charts"), "^src/(?!(charts|sync|common)/)"),
    never("runs-know-charts-sync-and-common", room("runs"), "^src/(?!(runs|charts|sync|common)/)"),
    // Inside sync: remote <- manifest <- cache <- runIndex <- pass <- the life of a root.
    never("sync-remote-knows-no-cache", room("sync/remote"), "^src/sync/(?!remote/|failures\\.ts$)"),
    never("sync-manifest-knows-remote", room("sync/manifest"), "^src/sync/(?!(manifest|remote)/)"),
    never(
      "sync-cache-knows-remote",
      room("sync/cache"),
      "^src/sync/(?!(cache|manifest|remote)/|failures\\.ts$)",
    ),
    never(
      "sync-run-index-knows-the-cache",
      room("sync/runIndex"),
      "^src/sync/(?!(runIndex|cache|manifest|remote)/|failures\\.ts$)",
    ),
    never(
      "sync-pass-knows-no-life-cycle",
      room("sync/pass"),
      "^src/sync/(?!(pass|runIndex|cache|manifest|remote)/|failures\\.ts$)",
    ),
    never(
      "sync-in-place-knows-no-life-cycle",
      room("sync/inPlace"),
      "^src/sync/(?!(inPlace|pass|cache|manifest|remote)/|failures\\.ts$)",
    ),
    // Inside relay: protocol <- wire | journal | execution <- command <- the agent.
    never(
      "relay-protocol-knows-ssh-model-only",
      room("relay/protocol"),
      "^src/(?!(relay/protocol|ssh/model|common)/)",
    ),
    never("relay-wire-knows-the-protocol", room("relay/wire"), "^src/(?!(relay/(wire|protocol)|common)/)"),
    never(
      "relay-journal-knows-the-protocol",
      room("relay/journal"),
      "^src/(?!(relay/(journal|protocol)|common)/)",
    ),
    never(
      "relay-execution-knows-ssh-only",
      room("relay/execution"),
      "^src/(?!(relay/execution|ssh|common)/)",
    ),
    never(
      "relay-command-knows-no-agent",
      room("relay/command"),
      "^src/relay/(?!(command|execution|journal|protocol)/)",
    ),
    never(
      "messages-speak-of-rooms-only",
      room("messages"),
      "^src/(?!(messages|viewer|diagnosis|runs|charts|sync|relay|slurm|environments|glance|tunnel|files|ssh|common)/)",
    ),
    never(
      "app-knows-no-surface",
      "^src/(app|glanceSubjects|savedConnections|savedConnectionId|secretStore)\\.ts$",
      "^src/(vscode/|extension|headless)",
    ),
    never("api-knows-no-surface", room("api"), "^src/(vscode/|extension|headless)"),
    // The server is handed the dialects: startApi -> dialects -> v04, v05, v06 -> http -> services -> model.
    never("api-http-knows-no-dialect", room("api/http"), "^src/api/(v\\d+/|[^/]+\\.ts$)"),
    never(
      "api-dialects-know-no-server",
      "^src/api/v\\d+/",
      "^src/api/(http/(?!(route|dialect)\\.ts$)|[^/]+\\.ts$)",
    ),
    {
      name: "api-dialects-know-no-other",
      severity: "error",
      from: { path: "^src/api/(v\\d+)/" },
      to: { path: "^src/api/v\\d+/", pathNot: "^src/api/$1/" },
    },
    never("api-services-know-only-the-model", room("api/services"), "^src/api/(?!(services|model)/)"),
    never("api-model-knows-no-room-of-the-api", room("api/model"), "^src/api/(?!model/)"),
    {
      name: "api-folders-form-no-circle",
      severity: "error",
      scope: "folder",
      from: { path: "^src/api" },
      to: { circular: true },
    },
    never("vscode-kit-knows-no-sibling", room("vscode/kit"), "^src/(vscode/(?!kit/)|extension)"),
    never("vscode-page-knows-the-kit", room("vscode/page"), "^src/(vscode/(?!(page|kit)/)|extension)"),
    never("vscode-run-kit-knows-the-kit", room("vscode/runKit"), "^src/(vscode/(?!(runKit|kit)/)|extension)"),
    never("vscode-places-know-no-sibling", room("vscode/places"), "^src/(vscode/(?!places/)|extension)"),
    {
      name: "nobody-but-surfaces-knows-the-api",
      severity: "error",
      from: { pathNot: "^src/(api/|vscode/|extension|headless)|^test/" },
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
