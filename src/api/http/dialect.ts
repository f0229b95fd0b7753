import type * as z from "zod";
import type { Problem } from "../model/failures.js";
import type { RawRequest, ApiRoute } from "./route.js";

/** The error response to a problem. */
export interface ProblemAnswer {
  readonly status: ProblemStatus;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export type ProblemStatus = 400 | 401 | 403 | 404 | 405 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503;

/** One version of the API: its routes over the shared services, and the format of its error responses. */
export interface Dialect {
  /** The value of `?version=` for its OpenAPI document: `v0.6`. */
  readonly name: string;
  /** One sentence for the OpenAPI document. */
  readonly summary: string;
  readonly isDeprecated: boolean;
  readonly routes: readonly ApiRoute[];
  /** Sent with every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** @param body of the request, if it was read; the response must not repeat secrets from it. */
  readonly answerTo: (problem: Problem, body?: unknown) => ProblemAnswer;
  /** The bodies of its error responses. */
  readonly problems: ProblemShapes;
}

/** The schemas of error responses: for a host key to confirm, for a malformed request, for any other problem. */
export interface ProblemShapes {
  readonly hostKey: z.ZodType;
  readonly malformed: z.ZodType;
  readonly other: z.ZodType;
}

/** The versions that a server serves, and how to pick one for a request. */
export interface DialectTable {
  /** The first one is the default. */
  readonly all: readonly Dialect[];
  /**
   * Picks the version of a request whose path several versions share.
   * @param key method and path of the route: `POST /api/remote/connect`.
   * @returns its name; undefined when only one version has the path.
   */
  readonly decide: (key: string, request: Pick<RawRequest, "query" | "body">) => string | undefined;
  /** The name of the version that formats the error when no route matches or the request cannot be read. */
  readonly ofPath: (path: string) => string;
}
