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

describe("shapes that have a title", () => {
  it("are said once and referred to, also within each other, in the order of their names", () => {
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

  it("are refused where two that differ have one title: a generated client would have only one of them", () => {
    const other = { ...session, properties: {} };
    expect(() => withComponents(documentOf(session, other))).toThrow("two shapes are called Session");
  });
});
