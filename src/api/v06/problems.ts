import type { FailureDetail } from "../../common/failure.js";
import {
  commonStatuses,
  headersFor,
  type ProblemAnswer,
  type ProblemStatus,
  sentenceOrList,
} from "../dialect.js";
import { kindOf, type ProblemKind } from "../problem.js";

const statuses: Record<ProblemKind, ProblemStatus> = {
  ...commonStatuses,
  malformed: 422,
  "connect-timeout": 500,
  unreachable: 503,
  // Sessions are independent in this version: it never happens.
  "viewer-running": 409,
};

/** Says no in the way of version 0.6: `{detail}`, which is a sentence, the host key, or FastAPI's list. */
export function answerTo(problem: FailureDetail): ProblemAnswer {
  const kind = kindOf(problem);
  return {
    status: statuses[kind],
    body: { detail: sentenceOrList(kind, problem) },
    headers: headersFor(problem),
  };
}
