import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createDialects, sharedPaths } from "../../../src/api/dialects.js";
import { docsPage } from "../../../src/api/docsPage.js";
import { openApiDocument } from "../../../src/api/openapi.js";
import { apiDocs } from "../../support/apiDocs.js";

const dialects = createDialects();

describe("the description of the API", () => {
  it("is what docs/api.md says (npm run docs:api writes it)", async () => {
    expect(readFileSync("docs/api.md", "utf8")).toBe(await apiDocs());
  });

  it("has every route of every version, on a page without scripts too", () => {
    const document = openApiDocument(dialects, "1");
    const page = docsPage(document);
    for (const { name, routes } of dialects) {
      for (const { method, path } of routes) {
        expect(document.paths[path]?.[method.toLowerCase()]?.tags).toContain(name);
        expect(page).toContain(path);
      }
    }
    expect(page).not.toContain("<script");
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });
});

describe("the table of shared paths", () => {
  it("names the paths that two versions have, and no other", () => {
    const keys = dialects.flatMap(({ routes }) => routes.map(({ method, path }) => `${method} ${path}`));
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
