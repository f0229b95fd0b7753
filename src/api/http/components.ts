import type { OpenApiDocument } from "./openapi.js";

/**
 * Moves every schema with a title to `components` and refers to it with `$ref`, so that client generators make one class
 * of each.
 */
export function withComponents(document: OpenApiDocument): OpenApiDocument {
  const schemas: Record<string, object> = {};
  const hoisted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(hoisted);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(([name, part]) => [name, hoisted(part)] as const);
    const whole = Object.fromEntries(entries) as Record<string, unknown>;
    const { title } = whole;
    if (typeof title !== "string") return whole;
    const known = schemas[title];
    if (known && JSON.stringify(known) !== JSON.stringify(whole))
      throw new Error(`two shapes are called ${title}`);
    schemas[title] = whole;
    return { $ref: `#/components/schemas/${title}` };
  };
  const paths = hoisted(document.paths) as OpenApiDocument["paths"];
  const inOrder = Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...document, paths, components: { ...document.components, schemas: inOrder } };
}
