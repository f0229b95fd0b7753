import type { FailureDetail } from "../../common/failure.js";
import {
  commonStatuses,
  headersFor,
  type ProblemAnswer,
  type ProblemStatus,
  sentenceOrList,
} from "../dialect.js";
import { type ApiFailure, kindOf, type ProblemKind } from "../problem.js";
import { wordsOf } from "../words.js";

const statuses: Record<ProblemKind, ProblemStatus> = {
  ...commonStatuses,
  malformed: 422,
  "connect-timeout": 408,
  unreachable: 500,
  // This version knows no viewers: it never happens.
  "viewer-running": 409,
};

/** Says no in the way of version 0.4: `{detail}`, and how long to wait where that helps. */
export function answerTo(problem: FailureDetail): ProblemAnswer {
  const kind = kindOf(problem);
  const seconds =
    (problem as ApiFailure).code === "rate-limited" ? (problem as { seconds?: number }).seconds : undefined;
  return {
    status: statuses[kind],
    body: { detail: detailOf(kind, problem), ...(seconds !== undefined && { retry_after: seconds }) },
    headers: { ...headersFor(problem), ...(seconds !== undefined && { "Retry-After": String(seconds) }) },
  };
}

function detailOf(kind: ProblemKind, problem: FailureDetail): unknown {
  return kind === "authentication"
    ? `Authentication failed: ${wordsOf(problem)}`
    : sentenceOrList(kind, problem);
}
