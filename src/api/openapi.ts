import * as z from "zod";
import type { Dialect, DialectName } from "./dialect.js";
import type { Route } from "./route.js";

export interface Operation {
  readonly tags: readonly string[];
  readonly summary: string;
  readonly operationId: string;
  readonly deprecated?: true;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: true; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query";
  readonly required: boolean;
  readonly schema: object;
  readonly description?: string;
}

type Content = Readonly<Record<"application/json", { readonly schema: object }>>;

export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const tagOf: Readonly<Record<DialectName, string>> = {
  "v0.4": "The synchronization API of Runicorn 0.4. Deprecated.",
  "v0.5": "The remote viewer API of Runicorn 0.5.",
  "v0.6": "The remote viewer API of Runicorn 0.6.",
};

/** Describes the API from the very schemas that check it. Where versions share a path, the request may have either shape. */
export function openApiDocument(dialects: readonly Dialect[], version: string): OpenApiDocument {
  const paths: Record<string, Record<string, Operation>> = {};
  for (const dialect of dialects) {
    for (const route of dialect.routes) {
      const methods = (paths[route.path] ??= {});
      const method = route.method.toLowerCase();
      const own = operationOf(dialect, route);
      const other = methods[method];
      methods[method] = other ? either(other, own) : own;
    }
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Runicorn Remote",
      version,
      description: "Served on this machine only. Requests from web pages of other origins are refused.",
    },
    tags: dialects.map(({ name }) => ({ name, description: tagOf[name] })),
    paths,
  };
}

function operationOf({ name }: Dialect, route: Route): Operation {
  const problem = { description: "A problem; its shape is the version's own" };
  return {
    tags: [name],
    summary: route.summary,
    operationId: `${name} ${route.method} ${route.path}`.replace(/\W+/g, "_"),
    ...(name === "v0.4" && { deprecated: true }),
    parameters: [...parametersOf("path", route.params), ...parametersOf("query", route.query)],
    ...(route.body && {
      requestBody: { required: true as const, content: contentOf(schemaOf(route.body, "input")) },
    }),
    responses: {
      "200": { description: "Done", content: contentOf(schemaOf(route.answer, "output")) },
      default: problem,
    },
  };
}

function parametersOf(place: Parameter["in"], schema: z.ZodType | undefined): Parameter[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = schemaOf(schema, "input") as {
    properties?: Record<string, { description?: string }>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: rest,
    ...(description !== undefined && { description }),
  }));
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): object {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  void $schema;
  return rest;
}

function contentOf(schema: object): Content {
  return { "application/json": { schema } };
}

function either(a: Operation, b: Operation): Operation {
  const [bodyA, bodyB] = [a, b].map(({ requestBody }) => requestBody?.content["application/json"].schema);
  const [doneA, doneB] = [a, b].map(
    ({ responses }) => responses["200"]?.content?.["application/json"].schema,
  );
  const byName = new Map([...a.parameters, ...b.parameters].map((one) => [one.name, one]));
  // What only one of the shapes needs is not needed by every request.
  const parameters = [...byName.values()].map((one) => ({
    ...one,
    required: [a, b].every(({ parameters: all }) =>
      all.some(({ name, required }) => name === one.name && required),
    ),
  }));
  return {
    ...a,
    tags: [...a.tags, ...b.tags],
    summary: `${a.summary} (${a.tags.join()}), or: ${b.summary} (${b.tags.join()})`,
    parameters,
    ...(bodyA && bodyB && { requestBody: { required: true, content: contentOf({ anyOf: [bodyA, bodyB] }) } }),
    responses: {
      ...a.responses,
      "200": { description: "Done", content: contentOf({ anyOf: [doneA ?? {}, doneB ?? {}] }) },
    },
  };
}
