import { describe, expect, it } from "vitest";
import * as z from "zod";
import { flag, hostName, port } from "../../../../src/api/model/fields.js";
import { issuesOf } from "../../../../src/api/model/requestIssues.js";

const body = z.object({
  host: hostName,
  port: port.optional(),
  use_agent: flag.default(true),
  tags: z.array(z.string()).max(2).optional(),
  mode: z.enum(["smart", "mirror"]).optional(),
  both: z.enum(["a", "b", "c"]).optional(),
});

function issuesFor(sent: unknown) {
  const { error } = body.safeParse(sent);
  return error ? issuesOf("body", error) : [];
}

/** What FastAPI 0.165 with pydantic 2.14 answers to the same; of a list it also says how many there are. */
const cases: readonly (readonly [sent: object, type: string, msg: string, field: string])[] = [
  [{ host: undefined }, "missing", "Field required", "host"],
  [{ host: 5 }, "string_type", "Input should be a valid string", "host"],
  [{ host: null }, "string_type", "Input should be a valid string", "host"],
  [{ host: "" }, "string_too_short", "String should have at least 1 character", "host"],
  [{ host: "h".repeat(256) }, "string_too_long", "String should have at most 255 characters", "host"],
  [
    { port: "abc" },
    "int_parsing",
    "Input should be a valid integer, unable to parse string as an integer",
    "port",
  ],
  [{ port: [] }, "int_type", "Input should be a valid integer", "port"],
  [{ port: null }, "int_type", "Input should be a valid integer", "port"],
  [
    { port: 1.5 },
    "int_from_float",
    "Input should be a valid integer, got a number with a fractional part",
    "port",
  ],
  [{ port: 0 }, "greater_than_equal", "Input should be greater than or equal to 1", "port"],
  [{ port: "0" }, "greater_than_equal", "Input should be greater than or equal to 1", "port"],
  [{ port: 65_536 }, "less_than_equal", "Input should be less than or equal to 65535", "port"],
  [
    { use_agent: "maybe" },
    "bool_parsing",
    "Input should be a valid boolean, unable to interpret input",
    "use_agent",
  ],
  [{ use_agent: {} }, "bool_type", "Input should be a valid boolean", "use_agent"],
  [{ tags: "a" }, "list_type", "Input should be a valid list", "tags"],
  [{ tags: ["a", "b", "c"] }, "too_long", "List should have at most 2 items after validation", "tags"],
  [{ mode: "x" }, "literal_error", "Input should be 'smart' or 'mirror'", "mode"],
  [{ both: 1 }, "literal_error", "Input should be 'a', 'b' or 'c'", "both"],
];

describe("the issues of a request", () => {
  it.each(cases)("for %j read as FastAPI's", (sent, type, msg, field) => {
    expect(issuesFor({ host: "gpu", ...sent })).toEqual([{ type, loc: ["body", field], msg }]);
  });

  it("cover a body that is no object, and items of a list", () => {
    const msg = "Input should be a valid dictionary or object to extract fields from";
    expect(issuesFor([])).toEqual([{ type: "model_attributes_type", loc: ["body"], msg }]);
    expect(issuesFor(undefined)).toEqual([{ type: "missing", loc: ["body"], msg: "Field required" }]);
    expect(issuesFor({ host: "gpu", tags: [1] })).toEqual([
      { type: "string_type", loc: ["body", "tags", 0], msg: "Input should be a valid string" },
    ]);
  });

  it("never repeat what was sent", () => {
    const secret = "canary-canary";
    for (const field of Object.keys(body.shape))
      expect(JSON.stringify(issuesFor({ host: "gpu", [field]: { [secret]: secret } }))).not.toContain(secret);
  });
});
