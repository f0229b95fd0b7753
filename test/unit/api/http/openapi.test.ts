import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createDialects } from "../../../../src/api/dialects.js";
import { docsPage } from "../../../../src/api/http/docsPage.js";
import { openApiDocument } from "../../../../src/api/http/openapi.js";
import { apiDocs } from "../../../support/apiDocs.js";

const dialects = createDialects();

describe("the OpenAPI document", () => {
  it("matches docs/api.md (npm run docs:api writes it)", async () => {
    expect(readFileSync("docs/api.md", "utf8")).toBe(await apiDocs());
  });

  it("has every route of every version, also on the page without scripts", () => {
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

  it("has no enum of mixed types, and gives the bounds of numbers", () => {
    const document = openApiDocument(dialects, "1");
    const mixed: unknown[] = [];
    JSON.stringify(document, (_key, value: unknown) => {
      if (typeof value !== "object" || value === null || !("enum" in value)) return value;
      const values = value.enum as unknown[];
      if (new Set(values.map((one) => typeof one)).size > 1) mixed.push(values);
      return value;
    });
    expect(mixed).toEqual([]);
    const body = document.paths["/api/remote/viewer/start"]?.["post"]?.requestBody;
    const shapes = body?.content["application/json"].schema as {
      anyOf: { properties: Record<string, { anyOf: unknown[] }> }[];
    };
    const port = JSON.stringify(shapes.anyOf[0]?.properties["port"]);
    expect(port).toContain('"minimum":1,"maximum":65535');
    const local = JSON.stringify(shapes.anyOf[0]?.properties["local_port"]);
    expect(local).toContain('"minimum":0,"maximum":65535');
  });

  it("describes the error responses of each version, and the optional token", () => {
    const document = openApiDocument(dialects, "1");
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const { responses } of Object.values(methods)) {
        const shape = (status: string) => JSON.stringify(responses[status]?.content);
        expect(shape("409"), path).toContain("fingerprint_sha256");
        expect(shape("401")).toMatch(/"detail"|"details"/);
        expect(shape(responses["422"] ? "422" : "400")).toMatch(/"loc"|"details"/);
        expect(shape("default")).toBeDefined();
      }
    }
    const shared = JSON.stringify(document.paths["/api/remote/connect"]?.["post"]?.responses);
    expect(shared).toContain('"detail"');
    expect(shared).toContain('"details"');
    expect(document.components.securitySchemes).toEqual({ token: { type: "http", scheme: "bearer" } });
    expect(document.security).toEqual([{}, { token: [] }]);
  });
});
