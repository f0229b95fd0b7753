import { Cancelled, Failure } from "../../common/failure.js";
import { diskFullFailure } from "../../common/files/diskFull.js";
import type { Logger } from "../../common/logger.js";
import type { Dialect, DialectTable } from "./dialect.js";
import { withComponents } from "./components.js";
import { docsPage } from "./docsPage.js";
import type { Guard } from "./guard.js";
import { type OpenApiDocument, openApiDocument } from "./openapi.js";
import type { ApiFailure, Problem } from "../model/failures.js";
import { reasonOf } from "../model/reasons.js";
import type { RateLimit } from "./rateLimit.js";
import { readJsonBody } from "./requestBody.js";
import type { Method, RawRequest, ApiRoute } from "./route.js";
import type { ApiServices } from "../services/services.js";
import { type Context, Hono, type HttpBindings } from "./webFramework.js";

type Env = { Bindings: HttpBindings };

interface Row {
  readonly dialect: Dialect;
  readonly route: ApiRoute;
}

/** Sent with every response: no caching, no MIME sniffing, no embedding in other pages. */
const commonHeaders = {
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  "Cross-Origin-Resource-Policy": "same-origin",
};

const docsHeaders = { "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'" };

/** One router for all dialects. */
export function createRouter(
  table: DialectTable,
  services: ApiServices,
  guard: Guard,
  limit: RateLimit,
  logger: Logger,
): Hono<Env> {
  const router = new Hono<Env>();
  const dialects = table.all;

  router.use(async (context, next) => {
    const { incoming } = context.env;
    if (incoming.method === "OPTIONS") return preflight(context, guard);
    await guard.check(incoming.headers);
    await next();
    for (const [name, value] of Object.entries({
      ...commonHeaders,
      ...(await guard.corsHeaders(incoming.headers.origin)),
    }))
      context.res.headers.set(name, value);
    return undefined;
  });

  for (const [path, methods] of rowsByPath(dialects)) {
    const pattern = path.replace(/\{(\w+)\}/g, ":$1");
    for (const [method, rows] of methods)
      router.on(method, pattern, (context) => answer(context, `${method} ${path}`, rows));
    router.all(pattern, () => {
      throw new Failure<ApiFailure>({ code: "method-not-allowed", allowed: [...methods.keys()] });
    });
  }
  const describe = (wanted: readonly Dialect[]): OpenApiDocument => openApiDocument(wanted, services.version);
  router.get("/openapi.json", (context) => {
    const one = dialects.filter(({ name }) => name === context.req.query("version"));
    return context.json(withComponents(describe(one.length > 0 ? one : dialects)));
  });
  router.get("/docs", (context) => context.html(docsPage(describe(dialects)), 200, docsHeaders));
  router.notFound(() => {
    throw new Failure<ApiFailure>({ code: "route-not-found" });
  });
  router.onError((error, context) =>
    refuse(context, dialectNamed(dialects, table.ofPath(context.req.path)), error),
  );
  return router;

  async function answer(context: Context<Env>, key: string, rows: readonly Row[]): Promise<Response> {
    const { incoming, outgoing } = context.env;
    const gone = new AbortController();
    outgoing.once("close", () => gone.abort(new Cancelled()));
    const request: RawRequest = {
      params: context.req.param(),
      query: context.req.query(),
      body: incoming.method === "POST" ? await readJsonBody(incoming) : undefined,
      signal: gone.signal,
    };
    const { dialect, route } = decide(table, key, rows, request);
    const startedAt = performance.now();
    try {
      const wait = route.perMinute === undefined ? undefined : limit.take(key, route.perMinute);
      if (wait !== undefined) throw new Failure<ApiFailure>({ code: "rate-limited", seconds: wait });
      return context.json((await route.run(request, services)) as object, 200, dialect.headers);
    } catch (error) {
      return refuse(context, dialect, error, request.body);
    } finally {
      logger.debug(`api: ${key} ${Math.round(performance.now() - startedAt)} ms`);
    }
  }

  function refuse(context: Context<Env>, dialect: Dialect, error: unknown, asked?: unknown): Response {
    const problem = problemOf(diskFullFailure(error) ?? error);
    const { status, body, headers } = dialect.answerTo(problem, asked);
    const { outgoing } = context.env;
    outgoing.shouldKeepAlive &&= status !== 413;
    outgoing.statusMessage = reasonOf(problem);
    return context.json(body, status, { ...dialect.headers, ...headers });
  }

  function problemOf(error: unknown): Problem {
    // Failures that are not problems, such as the relay agent's, are answered like bugs.
    if (error instanceof Failure) return error.detail as Problem;
    if (error instanceof Cancelled) return { code: "given-up" };
    // Details of a bug go to the log only, never into a response.
    logger.error(`api: ${error instanceof Error ? (error.stack ?? error.message) : "something was thrown"}`);
    return { code: "bug" };
  }
}

async function preflight(context: Context<Env>, guard: Guard): Promise<Response> {
  const { origin } = context.env.incoming.headers;
  const allowed = await guard.corsHeaders(origin);
  if (Object.keys(allowed).length === 0)
    throw new Failure<ApiFailure>({ code: "caller-refused", reason: "origin" });
  return context.body(null, 204, {
    ...allowed,
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    "Access-Control-Allow-Headers": "Content-Type, Authorization",
  });
}

/** Paths without parameters come first: `connections/saved` must not match `connections/{id}`. */
function rowsByPath(dialects: readonly Dialect[]): [string, Map<Method, Row[]>][] {
  const paths = new Map<string, Map<Method, Row[]>>();
  for (const dialect of dialects) {
    for (const route of dialect.routes) {
      const methods = paths.get(route.path) ?? new Map<Method, Row[]>();
      methods.set(route.method, [...(methods.get(route.method) ?? []), { dialect, route }]);
      paths.set(route.path, methods);
    }
  }
  const hasParameter = ([path]: [string, unknown]): number => Number(path.includes("{"));
  return [...paths].sort((a, b) => hasParameter(a) - hasParameter(b));
}

function decide(table: DialectTable, key: string, rows: readonly Row[], request: RawRequest): Row {
  const wanted = table.decide(key, request);
  const row = rows.find(({ dialect }) => dialect.name === wanted) ?? rows[0];
  if (!row) throw new Error(`no dialect serves ${key}`);
  return row;
}

function dialectNamed(dialects: readonly Dialect[], name: string): Dialect {
  const dialect = dialects.find((one) => one.name === name) ?? dialects[0];
  if (!dialect) throw new Error("there is no dialect");
  return dialect;
}
