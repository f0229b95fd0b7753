import type { FailureDetail } from "../../common/failure.js";
import {
  commonStatuses,
  headersFor,
  hostKeyConfirmation,
  type ProblemAnswer,
  type ProblemStatus,
} from "../dialect.js";
import { kindOf, malformedIssues, type ProblemKind } from "../problem.js";
import { wordsOf } from "../words.js";

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
  return { status: statuses[kind], body: { detail: detailOf(kind, problem) }, headers: headersFor(problem) };
}

function detailOf(kind: ProblemKind, problem: FailureDetail): unknown {
  switch (kind) {
    case "malformed":
      return malformedIssues(problem);
    case "host-key":
      return hostKeyConfirmation(problem);
    case "authentication":
    case "connect-timeout":
    case "unreachable":
    case "ssh":
      return `Connection failed: ${wordsOf(problem)}`;
    case "bug":
      return "Internal Server Error";
    default:
      return wordsOf(problem);
  }
}
