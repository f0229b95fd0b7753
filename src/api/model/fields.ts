import * as z from "zod";
import { nameCharacters, unusableNames } from "../../ssh/model/target.js";
import { decimalPattern, digitsPattern } from "./digitsPattern.js";
import { describedAs } from "./jsonSchemas.js";

/*
 * Fields that several dialects share. Clients written against a lenient server send digits in strings and Python's
 * `True`; unknown fields are ignored everywhere.
 */

/** The largest number whose digits are all exact in JavaScript. */
const largestWhole = 999_999_999_999_999;

/** An integer, or its digits in a string. Default: any of up to fifteen digits. */
export function integer(minimum = -largestWhole, maximum = largestWhole) {
  const digits = z.string().regex(/^-?(\d{1,15}|0+\d{1,15})$/);
  return describedAs(
    z.union([z.number(), digits.transform(Number)]).pipe(z.number().int().min(minimum).max(maximum)),
    {
      anyOf: [
        { type: "integer", minimum, maximum },
        { type: "string", pattern: digitsPattern(minimum, maximum) },
      ],
    },
  );
}

/** A number from 0.1 to an integer, or its digits in a string. */
export function decimal(maximum: number) {
  const minimum = 0.1;
  const pattern = decimalPattern(maximum);
  const digits = z.string().regex(new RegExp(pattern));
  return describedAs(
    z.union([z.number(), digits.transform(Number)]).pipe(z.number().min(minimum).max(maximum)),
    {
      anyOf: [
        { type: "number", minimum, maximum },
        { type: "string", pattern },
      ],
    },
  );
}

export const port = integer(1, 65_535);

/** A port; 0, null or none lets us choose. */
export const optionalPort = describedAs(z.union([z.literal([0, "0", ""]).transform(() => null), port]), {
  anyOf: [
    { type: "integer", minimum: 0, maximum: 65_535 },
    { type: "string", pattern: `${digitsPattern(1, 65_535)}|^0?$` },
  ],
}).nullish();

/** `true`, `"true"`, `"True"`, `1`, `"yes"` and their opposites. */
export const flag = describedAs(
  z.union([z.boolean(), z.literal([0, 1]).transform(Boolean), z.stringbool()]),
  {
    anyOf: [
      { type: "boolean" },
      { type: "integer", minimum: 0, maximum: 1 },
      {
        type: "string",
        pattern: `^(${["true", "false", "yes", "no", "on", "off", "enabled", "disabled", "y", "n", "1", "0"].map(inAnyCase).join("|")})$`,
      },
    ],
  },
);

function inAnyCase(word: string): string {
  return word.replace(/[a-z]/g, (letter) => `[${letter.toUpperCase()}${letter}]`);
}

interface TextBounds {
  readonly least?: number;
  readonly most: number;
  readonly pattern?: RegExp;
  /** The value must not match this. */
  readonly never?: RegExp;
}

/** A string. Its length is counted in code points, as in JSON Schema. */
export function textOf({ least = 0, most, pattern, never }: TextBounds) {
  const schema = z.string().check(({ value, issues }) => {
    const add = (issue: object): unknown => issues.push({ input: undefined, ...issue } as never);
    if (value.length < least) add({ code: "too_small", origin: "string", minimum: least, inclusive: true });
    else if (isLonger(value, most))
      add({ code: "too_big", origin: "string", maximum: most, inclusive: true });
    else if (pattern?.test(value) === false)
      add({ code: "invalid_format", format: "regex", pattern: pattern.source });
    else if (never?.test(value)) add({ code: "custom", message: "it cannot be used" });
  });
  return describedAs(schema, {
    type: "string",
    ...(least > 0 && { minLength: least }),
    maxLength: most,
    ...(pattern && { pattern: pattern.source }),
    ...(never && { not: { pattern: never.source } }),
  });
}

function isLonger(value: string, most: number): boolean {
  return value.length > most && (value.length > 2 * most || [...value].length > most);
}

const mostText = 4_096;

/** Any name; validated where it is used. */
export const text = textOf({ most: mostText });
export const someText = textOf({ least: 1, most: mostText });
export const secret = textOf({ most: 65_536 });

const longestName = 255;
/** White space around a pasted name. */
const blanks = "[ \\t\\r\\n\\u00a0\\u3000]*";

/** A host name, with the rules of `Target`. */
export const hostName = textOf({
  least: 1,
  most: longestName,
  pattern: new RegExp(`^${blanks}${nameCharacters.host}+${blanks}$`, "u"),
  never: new RegExp(`^${blanks}-|${unusableNames.host.source}`, "u"),
});

/** A user name, with the rules of `Target`. */
export const userName = textOf({
  least: 1,
  most: longestName,
  pattern: new RegExp(`^${nameCharacters.user}+$`, "u"),
  never: unusableNames.user,
});

/** A storage root on a host: an absolute path, or one that begins with `~`. */
export const rootPath = textOf({ least: 1, most: mostText, pattern: /^(\/[^\u0000]*|~|~\/[^\u0000]*)$/ });
/** The same, optional: empty, null or none lets us choose. */
export const optionalRootPath = textOf({
  most: mostText,
  pattern: /^(\/[^\u0000]*|~|~\/[^\u0000]*|)$/,
}).nullish();

/** Fits two names and a port. */
const longestConnectionId = 600;
/** An id of any dialect. Its form is not validated here: `findConnection` rejects a malformed one. */
export const connectionId = describedAs(textOf({ most: longestConnectionId }), {
  type: "string",
  maxLength: longestConnectionId,
  pattern: `^(conn_[0-9a-f]{8}|[\\s\\S]+@[^@]+:${digitsPattern(1, 65_535).slice(1, -1)})$`,
});

export const connectionIdQuery = z.object({ connection_id: connectionId });
