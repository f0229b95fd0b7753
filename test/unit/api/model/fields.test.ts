import { describe, expect, it } from "vitest";
import * as z from "zod";
import {
  connectionId,
  decimal,
  flag,
  hostName,
  integer,
  optionalPort,
  optionalRootPath,
  port,
  rootPath,
  text,
  textOf,
  userName,
} from "../../../../src/api/model/fields.js";
import { overrideJsonSchema } from "../../../../src/api/model/jsonSchemas.js";
import { formatTarget, parseTarget } from "../../../../src/ssh/model/target.js";

interface Told {
  readonly type?: string;
  readonly anyOf?: readonly Told[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly not?: { readonly pattern: string };
}

/** Whether a value is right by what clients are told. */
function isRight(told: Told, value: unknown): boolean {
  if (told.anyOf) return told.anyOf.some((one) => isRight(one, value));
  if (typeof value !== "string") {
    const { minimum = -Infinity, maximum = Infinity, type } = told;
    if (type === "boolean" || type === "null") return type === (value === null ? "null" : typeof value);
    if (typeof value !== "number" || !(type === "integer" ? Number.isInteger(value) : type === "number"))
      return false;
    return value >= minimum && value <= maximum;
  }
  const { length } = [...value];
  return (
    told.type === "string" &&
    length >= (told.minLength ?? 0) &&
    length <= (told.maxLength ?? Infinity) &&
    (told.pattern === undefined || new RegExp(told.pattern, "u").test(value)) &&
    (told.not === undefined || !new RegExp(told.not.pattern, "u").test(value))
  );
}

const numbers = [0, 1, -1, 0.1, 0.09, 1.5, 600, 601, 65_535, 65_536, 86_400, 86_400.5, 1e15, 1e16, -1e16];
const digits = numbers.flatMap((number) => [String(number), `00${number}`, ` ${number}`, `${number}.0`]);
const words = ["", " ", "true", "TRUE", "True", "tRUE", "yes", "2", "on", "disabled", "null", "0x1", "1e3"];
const names = [
  "gpu",
  " gpu ",
  "-gpu",
  "g p",
  "a -b",
  "a\\",
  "DOM\\ada",
  "ada$",
  "a$b",
  "a\\ b",
  "a b",
  "a #b",
  "%a%",
  "[a]",
  "a\u00a0b",
  "ssh://x",
  "SSH://x",
  "\u202e",
  "中文",
];
const places = ["::1", "a:b", "a@b", "a@b:1", "a@b:0", "a@b:65536", "@b:1", "a@:1", "a@b:00022", "a@b\n:1"];
const ids = ["conn_1a2b3c4d", "conn_1A2B3C4D", "conn_1a2b3c4", "conn_x@h:1"];
const paths = ["/", "~", "~/", "~ada", "~/a b", "a", "/a\0b", "/\n", "../a"];
const long = [254, 255, 256, 600, 601, 4_096, 4_097].flatMap((count) =>
  ["a", "😀"].map((one) => one.repeat(count)),
);
const others = [null, true, false, NaN];
const values = [...numbers, ...digits, ...words, ...names, ...places, ...ids, ...paths, ...long, ...others];

describe("the JSON Schema of a field", () => {
  it.each(
    Object.entries({
      port,
      optionalPort,
      flag,
      hostName,
      userName,
      rootPath,
      optionalRootPath,
      text,
      some: textOf({ least: 2, most: 254 }),
      seconds: integer(1, 600),
      whole: integer(),
      interval: decimal(86_400),
    }),
  )("is what is taken: %s", (_name, field: z.ZodType) => {
    const told = z.toJSONSchema(field, { io: "input", override: overrideJsonSchema }) as Told;
    const wrong = values.filter((value) => isRight(told, value) !== field.safeParse(value).success);
    expect(wrong).toEqual([]);
  });
});

describe("a field that is filled with a million characters", () => {
  it.each(
    Object.entries({ port, optionalPort, flag, hostName, userName, rootPath, interval: decimal(86_400) }),
  )("is refused at once: %s", (_name, field: z.ZodType) => {
    for (const one of ["0", "-", " ", "~/", "/"])
      expect(field.safeParse(`${one.repeat(1_000_000)}x`).success).toBe(false);
  });
});

describe("names of hosts and users", () => {
  it("follow the rules of targets", () => {
    for (const host of [...names, ...places].filter((one) => hostName.safeParse(one).success)) {
      const target = { host: host.trim() };
      expect(parseTarget(formatTarget(target))).toEqual(target);
    }
    for (const user of [...names, ...places].filter((one) => userName.safeParse(one).success)) {
      const target = { host: "gpu", user };
      expect(parseTarget(formatTarget(target))).toEqual(target);
    }
  });
});

describe("the id of a connection", () => {
  it("has two forms", () => {
    const { pattern = "" } = z.toJSONSchema(connectionId, { override: overrideJsonSchema }) as Told;
    const right = [...places, ...ids].filter((one) => new RegExp(pattern).test(one));
    expect(right).toEqual(["a@b:1", "a@b:00022", "a@b\n:1", "conn_1a2b3c4d", "conn_x@h:1"]);
  });
});
