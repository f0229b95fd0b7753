import type { IncomingMessage } from "node:http";
import { createBudget, readWithin } from "../../common/async/budget.js";
import { Failure } from "../../common/failure.js";
import { isNestedDeeperThan } from "../../common/text/jsonText.js";
import type { ApiFailure } from "../model/failures.js";

/** Bytes. */
const largestBody = 1024 * 1024;
/** Maximum nesting: deeper JSON would overflow the stack of recursive code. */
const deepestBody = 64;

/**
 * Reads a JSON body.
 * @returns undefined when there is none.
 * @throws Failure `body-not-json` for another content type, `body-too-large`, or `request-malformed` for invalid JSON.
 */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const type = request.headers["content-type"];
  // A foreign page can post forms and plain text without a CORS preflight.
  if (type !== undefined && !/^application\/json\s*(;|$)/i.test(type.trim()))
    throw new Failure<ApiFailure>({ code: "body-not-json" });
  const budget = createBudget<ApiFailure>(largestBody, { code: "body-too-large" });
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > budget.left) budget.spend(announced);
  const text = (await readWithin(request, budget)).toString("utf8");
  if (text === "") return undefined;
  if (type === undefined) throw new Failure<ApiFailure>({ code: "body-not-json" });
  return parse(text);
}

function parse(text: string): unknown {
  if (isNestedDeeperThan(deepestBody, text)) throw malformed("The body is nested too deeply");
  try {
    return JSON.parse(text, (key, value: unknown) => (key === "__proto__" ? undefined : value));
  } catch {
    throw malformed("JSON decode error");
  }
}

function malformed(msg: string): Failure<ApiFailure> {
  return new Failure<ApiFailure>({
    code: "request-malformed",
    issues: [{ type: "json_invalid", loc: ["body"], msg }],
  });
}
