import type * as z from "zod";
import { Failure } from "../../common/failure.js";
import type { ApiServices } from "../services/services.js";
import type { ApiFailure } from "../model/failures.js";
import { issuesOf } from "../model/requestIssues.js";

export type Method = "GET" | "POST" | "DELETE";

/** A request before validation. */
export interface RawRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** Parsed JSON; undefined without a body. */
  readonly body: unknown;
  /** Aborts when the client disconnects. */
  readonly signal: AbortSignal;
}

/** One route of a dialect. */
export interface ApiRoute {
  readonly method: Method;
  /** Parameters as in OpenAPI: `{name}`. */
  readonly path: string;
  readonly summary: string;
  readonly params: z.ZodType | undefined;
  readonly query: z.ZodType | undefined;
  readonly body: z.ZodType | undefined;
  readonly answer: z.ZodType;
  /** Allowed requests per minute. Default: no limit. */
  readonly perMinute: number | undefined;
  /** Validates and handles the request. @returns the response body. @throws Failure, or Cancelled. */
  readonly run: (request: RawRequest, services: ApiServices) => Promise<unknown>;
}

interface Definition<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType> {
  readonly method: Method;
  readonly path: string;
  readonly summary: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly answer: A;
  readonly perMinute?: number;
}

type Handle<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType> = (
  call: {
    readonly params: z.output<P>;
    readonly query: z.output<Q>;
    readonly body: z.output<B>;
    readonly signal: AbortSignal;
  },
  services: ApiServices,
) => Promise<z.input<A>>;

/** Defines a route: its schemas, and the handler, which gets validated values. */
export function route<
  A extends z.ZodType,
  P extends z.ZodType = z.ZodUndefined,
  Q extends z.ZodType = z.ZodUndefined,
  B extends z.ZodType = z.ZodUndefined,
>(definition: Definition<P, Q, B, A>, handle: Handle<P, Q, B, A>): ApiRoute {
  const { params, query, body, perMinute } = definition;
  return {
    ...definition,
    params,
    query,
    body,
    perMinute,
    run: (request, services) => {
      const call = {
        params: checked("path", params, request.params),
        query: checked("query", query, request.query),
        body: checked("body", body, request.body),
        signal: request.signal,
      };
      return handle(call, services);
    },
  };
}

/** @throws Failure `request-malformed`, which never contains the values that were sent. */
function checked<S extends z.ZodType>(
  place: "path" | "query" | "body",
  schema: S | undefined,
  value: unknown,
) {
  if (!schema) return undefined as z.output<S>;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new Failure<ApiFailure>({ code: "request-malformed", issues: issuesOf(place, result.error) });
}
