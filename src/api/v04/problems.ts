import type { ProblemAnswer, ProblemStatus } from "../http/dialect.js";
import { commonStatuses, headersFor, sentenceOrList } from "../model/problems.js";
import { kindOf, type Problem, type ProblemKind } from "../model/failures.js";
import { wordsOf } from "../model/words.js";

const statuses: Record<ProblemKind, ProblemStatus> = {
  ...commonStatuses,
  malformed: 422,
  "connect-timeout": 408,
  unreachable: 500,
  // Never happens: this version has no viewers.
  "viewer-running": 409,
};

/** Formats an error response of version 0.4: `{detail}`, and `retry_after` when rate limited. */
export function answerTo(problem: Problem): ProblemAnswer {
  const kind = kindOf(problem);
  const seconds = problem.code === "rate-limited" ? problem.seconds : undefined;
  return {
    status: statuses[kind],
    body: { detail: detailOf(kind, problem), ...(seconds !== undefined && { retry_after: seconds }) },
    headers: { ...headersFor(problem), ...(seconds !== undefined && { "Retry-After": String(seconds) }) },
  };
}

function detailOf(kind: ProblemKind, problem: Problem): unknown {
  return kind === "authentication"
    ? `Authentication failed: ${wordsOf(problem)}`
    : sentenceOrList(kind, problem);
}
