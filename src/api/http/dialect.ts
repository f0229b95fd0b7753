import type * as z from "zod";
import type { Problem } from "../model/failures.js";
import type { RawRequest, ApiRoute } from "./route.js";

/** What a client hears of a problem. */
export interface ProblemAnswer {
  readonly status: ProblemStatus;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export type ProblemStatus = 400 | 401 | 403 | 404 | 405 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503;

/** One version of the API: a table of routes over services that it shares with the others, and its way to say no. */
export interface Dialect {
  /** As clients ask for its description: `v0.6`. */
  readonly name: string;
  /** One sentence for the description of the API. */
  readonly summary: string;
  readonly isDeprecated: boolean;
  readonly routes: readonly ApiRoute[];
  /** Sent with every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** @param body of the request, as far as it was read; nothing secret of it may be repeated. */
  readonly answerTo: (problem: Problem, body?: unknown) => ProblemAnswer;
  /** The bodies of its refusals. */
  readonly problems: ProblemShapes;
}

/** What the body of a refusal looks like: of one that asks about a host key, of a malformed request, of any other. */
export interface ProblemShapes {
  readonly hostKey: z.ZodType;
  readonly malformed: z.ZodType;
  readonly other: z.ZodType;
}

/** The versions that a server serves, and which of them a request means. */
export interface DialectTable {
  /** The first one answers where nothing else decides. */
  readonly all: readonly Dialect[];
  /**
   * The name of the version that a request means where several share its path.
   * @param key method and path of the route: `POST /api/remote/connect`.
   * @returns undefined where no two versions share it.
   */
  readonly decide: (key: string, request: Pick<RawRequest, "query" | "body">) => string | undefined;
  /** The name of the version that says no where no route was found, or the request could not be read. */
  readonly ofPath: (path: string) => string;
}
