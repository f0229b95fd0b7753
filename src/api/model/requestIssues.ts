import type * as z from "zod";

/** One error in a request, in the format of FastAPI's list. Never contains the value that was sent. */
export interface RequestIssue {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
}

type Said = Pick<RequestIssue, "type" | "msg">;

/** Converts zod's issues to FastAPI's types and messages, which clients compare. */
export function issuesOf(place: "path" | "query" | "body", error: z.ZodError): RequestIssue[] {
  return error.issues.map((issue) => {
    const { type, msg } = saidOf(issue);
    const path = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
    return { type, loc: [place, ...path], msg };
  });
}

function saidOf(issue: z.core.$ZodIssue): Said {
  if (isMissing(issue)) return { type: "missing", msg: "Field required" };
  switch (issue.code) {
    case "invalid_type":
      return types[issue.expected] ?? valueError(issue.message);
    case "too_small":
      return tooSmall(issue);
    case "too_big":
      return tooLarge(issue);
    case "invalid_value":
      return oneOf(issue.values);
    case "invalid_format": {
      const { pattern = "" } = issue as { pattern?: string };
      return { type: "string_pattern_mismatch", msg: `String should match pattern '${pattern}'` };
    }
    case "invalid_union":
      return union(issue.errors);
    default:
      return valueError(issue.message);
  }
}

/** Only the message of a zod issue says what was received. */
function isMissing({ message }: { readonly message: string }): boolean {
  return message.endsWith("received undefined");
}

const types: Readonly<Partial<Record<string, Said>>> = {
  string: { type: "string_type", msg: "Input should be a valid string" },
  number: { type: "int_type", msg: "Input should be a valid integer" },
  int: {
    type: "int_from_float",
    msg: "Input should be a valid integer, got a number with a fractional part",
  },
  boolean: { type: "bool_type", msg: "Input should be a valid boolean" },
  array: { type: "list_type", msg: "Input should be a valid list" },
  object: {
    type: "model_attributes_type",
    msg: "Input should be a valid dictionary or object to extract fields from",
  },
  record: { type: "dict_type", msg: "Input should be a valid dictionary" },
};

const unparsable: Readonly<Partial<Record<string, Said>>> = {
  int_type: {
    type: "int_parsing",
    msg: "Input should be a valid integer, unable to parse string as an integer",
  },
  bool_type: { type: "bool_parsing", msg: "Input should be a valid boolean, unable to interpret input" },
};

/** Picks one issue of a union: a wrong type first. A string that cannot be parsed gets FastAPI's parsing error. */
function union(shapes: readonly (readonly z.core.$ZodIssue[])[]): Said {
  const all = shapes.flatMap((issues) => issues.slice(0, 1));
  const [meant] = all;
  if (!meant) return valueError("Invalid input");
  if (all.every(isMissing)) return { type: "missing", msg: "Field required" };
  const said = saidOf(all.find(({ code }) => code === "invalid_type") ?? meant);
  const isText = all.some(
    ({ code, ...one }) => code === "invalid_format" || (code === "invalid_value" && isReadAsText(one)),
  );
  return (isText && unparsable[said.type]) || said;
}

/** Whether `z.stringbool` rejected a string: only then does its issue list the accepted words. */
function isReadAsText(issue: object): boolean {
  return "values" in issue && Array.isArray(issue.values) && issue.values.includes("true");
}

function tooSmall({ origin, minimum }: { readonly origin: string; readonly minimum: number | bigint }): Said {
  const least = Number(minimum);
  if (origin === "string")
    return { type: "string_too_short", msg: `String should have at least ${characters(least)}` };
  if (origin === "array")
    return { type: "too_short", msg: `List should have at least ${least} items after validation` };
  return { type: "greater_than_equal", msg: `Input should be greater than or equal to ${least}` };
}

function tooLarge({ origin, maximum }: { readonly origin: string; readonly maximum: number | bigint }): Said {
  const most = Number(maximum);
  if (origin === "string")
    return { type: "string_too_long", msg: `String should have at most ${characters(most)}` };
  if (origin === "array")
    return { type: "too_long", msg: `List should have at most ${most} items after validation` };
  return { type: "less_than_equal", msg: `Input should be less than or equal to ${most}` };
}

function characters(count: number): string {
  return count === 1 ? "1 character" : `${count} characters`;
}

function oneOf(values: readonly unknown[]): Said {
  const named = values.map((value) => `'${String(value)}'`);
  const last = named.pop() ?? "";
  const list = named.length > 0 ? `${named.join(", ")} or ${last}` : last;
  return { type: "literal_error", msg: `Input should be ${list}` };
}

function valueError(message: string): Said {
  return { type: "value_error", msg: `Value error, ${message}` };
}
