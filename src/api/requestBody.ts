import type { IncomingMessage } from "node:http";
import { Failure } from "../common/failure.js";
import type { ApiFailure } from "./problem.js";

/** Bytes. */
const largestBody = 1024 * 1024;
/** Levels of arrays and objects: more would overflow the stack of whatever walks them later. */
const deepestBody = 64;

/**
 * Reads a JSON body.
 * @returns undefined when there is none.
 * @throws Failure `body-not-json`, `body-too-large`, or `request-malformed` for what is no JSON.
 */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const type = request.headers["content-type"];
  // Forms and plain text are what a foreign page can post without asking first.
  if (type !== undefined && !/^application\/json\s*(;|$)/i.test(type.trim()))
    throw new Failure<ApiFailure>({ code: "body-not-json" });
  if (Number(request.headers["content-length"] ?? 0) > largestBody) throw tooLarge();
  const text = await readText(request);
  if (text === "") return undefined;
  if (type === undefined) throw new Failure<ApiFailure>({ code: "body-not-json" });
  return parse(text);
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > largestBody) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parse(text: string): unknown {
  if (depthOf(text) > deepestBody) throw malformed("The body is nested too deeply");
  try {
    return JSON.parse(text, (key, value: unknown) => (key === "__proto__" ? undefined : value));
  } catch {
    throw malformed("The body is not valid JSON");
  }
}

/** Levels of brackets outside of strings. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gs)) {
    if (token === "[" || token === "{") deepest = Math.max(deepest, ++depth);
    else if (token === "]" || token === "}") depth -= 1;
  }
  return deepest;
}

function malformed(msg: string): Failure<ApiFailure> {
  return new Failure<ApiFailure>({
    code: "request-malformed",
    issues: [{ type: "json_invalid", loc: ["body"], msg }],
  });
}

function tooLarge(): Failure<ApiFailure> {
  return new Failure<ApiFailure>({ code: "body-too-large" });
}
