import * as z from "zod";
import { digitsPattern } from "./digitsPattern.js";
import { describedAs } from "./jsonSchemas.js";

/*
 * Fields that several dialects share. Clients written against a lenient server send digits in strings and Python's
 * `True`; unknown fields are ignored everywhere.
 */

/** A whole number, or its digits in a string. */
export function integer(minimum: number, maximum: number) {
  const digits = z.string().regex(/^-?\d{1,15}$/);
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

export const port = integer(1, 65_535);

/** A port, or nothing: 0 and null let us choose. */
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

/** A name of anything: what it may hold is checked where it is used. */
export const text = z.string().max(4_096);
export const secret = z.string().max(65_536);
export const hostName = z.string().min(1).max(255);

export const connectionIdQuery = z.object({ connection_id: text });
