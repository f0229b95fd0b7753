import type { Dialect } from "../dialect.js";
import { answerTo } from "./problems.js";
import { sshRoutes } from "./ssh.js";
import { statusRoute } from "./status.js";
import { createUnifiedConnection, unifiedRoutes } from "./unified.js";

/** Version 0.4, which has had successors for long and says so. */
export function createV04(): Dialect {
  const unified = createUnifiedConnection();
  return {
    name: "v0.4",
    routes: [...unifiedRoutes(unified), statusRoute(unified), ...sshRoutes],
    headers: { Deprecation: "true", Link: '</api/remote/status>; rel="successor-version"' },
    answerTo,
  };
}
