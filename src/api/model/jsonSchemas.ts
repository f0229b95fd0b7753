import type * as z from "zod";

/** JSON Schemas that replace those derived from zod's. */
const told = new WeakMap<z.core.$ZodType, object>();

/** Sets the JSON Schema of a zod schema by hand: with bounds, and without enums of mixed types. */
export function describedAs<S extends z.ZodType>(schema: S, jsonSchema: object): S {
  told.set(schema, jsonSchema);
  return schema;
}

/** The `override` for `z.toJSONSchema`: replaces the derived schema with the one set by {@link describedAs}. */
export function overrideJsonSchema({
  zodSchema,
  jsonSchema,
}: {
  readonly zodSchema: z.core.$ZodType;
  readonly jsonSchema: Record<string, unknown>;
}): void {
  const own = told.get(zodSchema);
  if (!own) return;
  for (const key of Object.keys(jsonSchema)) Reflect.deleteProperty(jsonSchema, key);
  Object.assign(jsonSchema, own);
}
