import type { Dialect } from "../http/dialect.js";
import { detailShapes } from "../model/problemShapes.js";
import { answerTo } from "./problems.js";
import { createMirrorTasks, mirrorRoutes } from "./mirror.js";
import { createUnifiedModes, modeRoutes } from "./modes.js";
import { runRoutes } from "./runs.js";
import { sshRoutes } from "./ssh.js";
import { statusRoute } from "./status.js";
import { createUnifiedConnection, unifiedRoutes } from "./unified.js";

/** Version 0.4, deprecated. */
export function createV04(): Dialect {
  const unified = createUnifiedConnection();
  const modes = createUnifiedModes();
  const mirrors = createMirrorTasks();
  return {
    name: "v0.4",
    summary: "The synchronization API of Runicorn 0.4. Deprecated.",
    isDeprecated: true,
    routes: [
      ...unifiedRoutes(unified, modes),
      ...modeRoutes(unified, modes),
      statusRoute(unified, modes),
      ...sshRoutes(mirrors),
      ...mirrorRoutes(mirrors),
      ...runRoutes,
    ],
    headers: { Deprecation: "true", Link: '</docs>; rel="successor-version"' },
    answerTo,
    problems: detailShapes,
  };
}
