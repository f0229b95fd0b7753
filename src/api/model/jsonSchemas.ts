import type * as z from "zod";

/** What generators of clients are told of a schema, in the place of what would be derived from it. */
const told = new WeakMap<z.core.$ZodType, object>();

/** Gives a schema a description of its own: one with bounds, in which no list mixes types. */
export function describedAs<S extends z.ZodType>(schema: S, jsonSchema: object): S {
  told.set(schema, jsonSchema);
  return schema;
}

/** For `z.toJSONSchema`: puts the description of its own in the place of a schema's derived one. */
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
