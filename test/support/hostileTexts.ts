/** A regular expression as it is written in a source file. */
export interface Written {
  readonly source: string;
  readonly flags: string;
}

/** Parts of a regular expression, each with characters that it takes. */
const partOf =
  /\\p\{[^}]*\}|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|\\.|\[(?:\\.|[^\]\\])*\]|\(\?<?[:=!]|\(\?<\w+>|[*+?]\??|\{\d+(?:,\d*)?\}|[()|^$]|[^]/gi;

/** Characters that a class or an escape takes, some of each kind. */
const usual = ["a", "0", " ", "\n", "\t", "\r", "_", "-", ".", "/", ":", '"', "\\", "\0", "é", "\u200b"];

/**
 * Texts that a regular expression which goes back over what it read takes long for: something like what it takes, then
 * one of its parts, or two or three in a row, again and again, then something that it does not take. Each is a function
 * of its length in characters.
 */
export function hostileTexts(written: Written): ((length: number) => string)[] {
  const samples = samplesOf(written);
  const texts = new Map<string, (length: number) => string>();
  const add = (head: string, pump: string): void => {
    for (const tail of ["", "!", "\n!"]) {
      texts.set([head, pump, tail].join("\0"), (length) => {
        const body = head + pump.repeat(Math.ceil(length / pump.length));
        return body.slice(0, length - tail.length) + tail;
      });
    }
  };
  samples.forEach((some, at) => {
    const before = samples.slice(0, at).map(([first = ""]) => first);
    for (const head of new Set(["", "!", before.join("")])) {
      for (const one of some) {
        add(head, one);
        for (const two of samples[at + 1] ?? []) {
          add(head, one + two);
          add(head, one + two + (samples[at + 2]?.[0] ?? ""));
        }
      }
    }
  });
  return [...texts.values()];
}

/** For each part of the expression that takes characters, a few that it takes. */
function samplesOf({ source, flags }: Written): string[][] {
  return [...source.matchAll(partOf)].flatMap(([part]) => {
    if (/^(\(\?|[*+?{()|^$])/.test(part) && part !== "{") return [];
    if (part.length === 1 && part !== ".") return [[part]];
    const taken = new RegExp(part, flags.replace(/[gy]/g, ""));
    const named = [...part.replace(/\\(.)/g, "$1")];
    const few = [...new Set([...named, ...usual])].filter((character) => taken.test(character));
    return few.length === 0 ? [] : [few.slice(0, 3)];
  });
}
