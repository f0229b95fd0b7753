import { describe, expect, it } from "vitest";
import { withComponents } from "../../../../src/api/http/components.js";
import type { OpenApiDocument } from "../../../../src/api/http/openapi.js";

const session = { title: "Session", type: "object", properties: { id: { type: "string" } } };

function documentOf(...answers: readonly object[]): OpenApiDocument {
  const paths = Object.fromEntries(
    answers.map((schema, index) => [`/${index}`, { get: { answer: { schema } } }]),
  );
  return { openapi: "3.1.0", paths, components: { securitySchemes: { token: {} } } } as never;
}

describe("schemas with a title", () => {
  it("become components with $ref, nested ones too, sorted by name", () => {
    const list = { title: "List", type: "array", items: session };
    const { paths, components } = withComponents(documentOf(list, session));
    expect(components.schemas).toEqual({
      List: { ...list, items: { $ref: "#/components/schemas/Session" } },
      Session: session,
    });
    expect(Object.keys(components.schemas ?? {})).toEqual(["List", "Session"]);
    expect(components.securitySchemes).toEqual({ token: {} });
    expect(JSON.stringify(paths)).not.toContain('"title"');
  });

  it("are rejected if two different ones have the same title", () => {
    const other = { ...session, properties: {} };
    expect(() => withComponents(documentOf(session, other))).toThrow("two shapes are called Session");
  });
});
