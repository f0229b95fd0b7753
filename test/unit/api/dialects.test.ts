import { describe, expect, it } from "vitest";
import { createDialects, sharedPaths } from "../../../src/api/dialects.js";

describe("the table of shared paths", () => {
  it("names the paths that two versions have, and no other", () => {
    const keys = createDialects().flatMap(({ routes }) =>
      routes.map(({ method, path }) => `${method} ${path}`),
    );
    const twice = keys.filter((key, index) => keys.indexOf(key) !== index);
    expect(Object.keys(sharedPaths).sort()).toEqual(twice.sort());
  });

  it.each([
    ["POST /api/remote/connect", { auth_method: "key" }, {}, "v0.5"],
    ["POST /api/remote/connect", { host: "a" }, {}, "v0.6"],
    ["POST /api/remote/connect", null, {}, "v0.6"],
    ["POST /api/remote/connect", ["auth_method"], {}, "v0.6"],
    ["GET /api/remote/config", undefined, { env_name: "a" }, "v0.5"],
    ["GET /api/remote/config", undefined, { conda_env: "a" }, "v0.6"],
    ["POST /api/remote/viewer/start", { connection_id: "a" }, {}, "v0.5"],
    ["POST /api/remote/viewer/start", { host: "a" }, {}, "v0.6"],
    ["POST /api/remote/viewer/stop", { connection_id: "a" }, {}, "v0.5"],
    ["POST /api/remote/viewer/stop", { session_id: "a" }, {}, "v0.6"],
  ])("takes %s with %j, %j for %s", (key, body, query, dialect) => {
    expect(sharedPaths[key]?.({ body, query: query })).toBe(dialect);
  });
});
