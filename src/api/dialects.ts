import type { Dialect, DialectTable } from "./http/dialect.js";
import type { RawRequest } from "./http/route.js";
import { createV04 } from "./v04/v04.js";
import { v05 } from "./v05/v05.js";
import { v06 } from "./v06/v06.js";

/** The dialects of one server. Stateful versions start with fresh state. */
export function createDialectTable(): DialectTable {
  return {
    all: createDialects(),
    decide: (key, request) => sharedPaths[key]?.(request),
    ofPath: dialectOfPath,
  };
}

/** All versions, v0.4 with fresh state. */
export function createDialects(): readonly Dialect[] {
  return [v06, v05, createV04()];
}

type DialectName = "v0.4" | "v0.5" | "v0.6";
type Decide = (request: Pick<RawRequest, "query" | "body">) => DialectName;

const v05WhenBodyHas =
  (field: string): Decide =>
  ({ body }) =>
    typeof body === "object" && body !== null && Object.hasOwn(body, field) ? "v0.5" : "v0.6";

/** Where two versions share a path, the shape of the request decides. Nothing else in the code does. */
export const sharedPaths: Readonly<Record<string, Decide>> = {
  "POST /api/remote/connect": v05WhenBodyHas("auth_method"),
  "GET /api/remote/config": ({ query }) => (Object.hasOwn(query, "env_name") ? "v0.5" : "v0.6"),
  "POST /api/remote/viewer/start": v05WhenBodyHas("connection_id"),
  "POST /api/remote/viewer/stop": v05WhenBodyHas("connection_id"),
};

/** The dialect of error responses when no route matches or the request cannot be read. */
function dialectOfPath(path: string): DialectName {
  if (/^\/api\/(unified|ssh|runs|recycle-bin)(\/|$)/.test(path)) return "v0.4";
  const isOfV05 =
    /^\/api\/remote\/(connections(?!\/saved$)|environments|viewer\/logs|health|ping)(\/|$)/.test(path);
  return isOfV05 || path === "/api/remote/viewer/status" ? "v0.5" : "v0.6";
}
