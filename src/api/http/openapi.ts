import * as z from "zod";
import type { Dialect } from "./dialect.js";
import { overrideJsonSchema } from "../model/jsonSchemas.js";
import type { ApiRoute } from "./route.js";

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
  readonly components: {
    readonly securitySchemes: Readonly<Record<string, object>>;
    readonly schemas?: Readonly<Record<string, object>>;
  };
  /** A token is needed where the server was started with one: either of these. */
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
}

/** Generates the document from the schemas that validate requests. On a shared path, either version's shape is allowed. */
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
      description:
        "Served on this machine only, for programs of the account that serves it. Web pages are refused unless their origin is listed.",
    },
    tags: dialects.map(({ name, summary }) => ({ name, description: summary })),
    paths,
    components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
    security: [{}, { token: [] }],
  };
}

/**
 * The name of a route's request or response schema: `PostViewerStartRequest`. Version 0.6, which most clients use, has no
 * suffix; the others end with their number.
 */
function titleOf({ name }: Dialect, { method, path }: ApiRoute, what: "Request" | "Answer"): string {
  const parts = path.replace(/^\/api\/(remote\/)?/, "").match(/[a-z0-9]+/gi) ?? [];
  const words = [method.toLowerCase(), ...parts].map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  const version = name === "v0.6" ? "" : name.replace(/\W/g, "").toUpperCase();
  return `${words.join("")}${what}${version}`;
}

function operationOf(dialect: Dialect, route: ApiRoute): Operation {
  const { name, isDeprecated, problems } = dialect;
  const titled = (what: "Request" | "Answer", schema: z.ZodType) => {
    const told = schemaOf(schema, what === "Request" ? "input" : "output");
    return contentOf("title" in told ? told : { title: titleOf(dialect, route, what), ...told });
  };
  const refused = (description: string, schema: z.ZodType) => ({
    description,
    content: contentOf(schemaOf(schema, "output")),
  });
  // Without a schema of its own for malformed requests, a version answers them with 400 like other problems.
  const hasOwnMalformed = problems.malformed !== problems.other;
  return {
    tags: [name],
    summary: route.summary,
    operationId: `${name} ${route.method} ${route.path}`.replace(/\W+/g, "_"),
    ...(isDeprecated && { deprecated: true }),
    parameters: [...parametersOf("path", route.params), ...parametersOf("query", route.query)],
    ...(route.body && {
      requestBody: { required: true as const, content: titled("Request", route.body) },
    }),
    responses: {
      "200": { description: "Done", content: titled("Answer", route.answer) },
      "401": refused("The login failed, or a bearer token is needed", problems.other),
      "409": refused("The host key must be confirmed, or something is there already", problems.hostKey),
      "400": refused("What the request says cannot be used", problems.other),
      ...(hasOwnMalformed && { "422": refused("The request is malformed", problems.malformed) }),
      default: refused("Any other problem", problems.other),
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
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
    override: overrideJsonSchema,
  });
  void $schema;
  return rest;
}

function contentOf(schema: object): Content {
  return { "application/json": { schema } };
}

function either(a: Operation, b: Operation): Operation {
  const [bodyA, bodyB] = [a, b].map(({ requestBody }) => requestBody?.content["application/json"].schema);
  const byName = new Map([...a.parameters, ...b.parameters].map((one) => [one.name, one]));
  // A parameter is required only if both versions require it.
  const parameters = [...byName.values()].map((one) => ({
    ...one,
    required: [a, b].every(({ parameters: all }) =>
      all.some(({ name, required }) => name === one.name && required),
    ),
  }));
  return {
    ...a,
    tags: [...a.tags, ...b.tags],
    summary: `${a.summary} (${a.tags.join()}) · ${b.summary} (${b.tags.join()})`,
    parameters,
    ...(bodyA && bodyB && { requestBody: { required: true, content: contentOf({ anyOf: [bodyA, bodyB] }) } }),
    responses: eitherResponse(a.responses, b.responses),
  };
}

/** For each status, the schemas of both versions. */
function eitherResponse(a: Operation["responses"], b: Operation["responses"]): Operation["responses"] {
  const both = { ...b, ...a };
  for (const [status, { description }] of Object.entries(both)) {
    const shapes = [a[status], b[status]].flatMap((one) => one?.content?.["application/json"].schema ?? []);
    both[status] = {
      description,
      content: contentOf(shapes.length > 1 ? { anyOf: shapes } : (shapes[0] ?? {})),
    };
  }
  return both;
}
