import type { ProblemAnswer, ProblemStatus } from "../http/dialect.js";
import { commonStatuses, headersFor, sentenceOrList } from "../model/problems.js";
import { kindOf, type Problem, type ProblemKind } from "../model/failures.js";

const statuses: Record<ProblemKind, ProblemStatus> = {
  ...commonStatuses,
  malformed: 422,
  "connect-timeout": 500,
  unreachable: 503,
  // Never happens: sessions are independent in this version.
  "viewer-running": 409,
};

/** Formats an error response of version 0.6: `{detail}`, which is a sentence, the host key, or FastAPI's list. */
export function answerTo(problem: Problem): ProblemAnswer {
  const kind = kindOf(problem);
  return {
    status: statuses[kind],
    body: { detail: sentenceOrList(kind, problem) },
    headers: headersFor(problem),
  };
}
