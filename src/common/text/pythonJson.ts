import { endOfJsonString, isNestedDeeperThan } from "./jsonText.js";

/** The start of a string, or one of the three words that Python's `json` writes and JSON does not know. */
const stringOrWord = /"|-?\bInfinity\b|\bNaN\b/g;

/** Levels of arrays and objects: Python's own `json` stops at about a thousand. */
const deepest = 1_000;

/** Stands for a NaN in what {@link parsePythonJsonExactly} returns: JSON has no number for it. */
export const notANumber = "\u{f0000}NaN";

/**
 * Parses JSON as Python's `json` writes it: `NaN` and the infinities become null.
 * @throws SyntaxError, also for what is nested more than a thousand levels deep.
 */
export function parsePythonJson(text: string): unknown {
  return parse(text, () => "null");
}

/** The same, but that the infinities become themselves, and NaN becomes {@link notANumber}. */
export function parsePythonJsonExactly(text: string): unknown {
  return parse(text, (word) => exactly[word] ?? "null");
}

/** A number that is too large to be one is infinite. */
const exactly: Readonly<Partial<Record<string, string>>> = {
  NaN: JSON.stringify(notANumber),
  Infinity: "1e999",
  "-Infinity": "-1e999",
};

function parse(text: string, jsonOf: (word: string) => string): unknown {
  // Each level has two brackets.
  const isChecked = text.length > 2 * deepest;
  if (isChecked && isNestedDeeperThan(deepest, text)) throw new SyntaxError("nested too deeply");
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
    return JSON.parse(withoutPythonWords(text, jsonOf));
  }
}

function withoutPythonWords(text: string, jsonOf: (word: string) => string): string {
  const parts: string[] = [];
  let done = 0;
  const search = new RegExp(stringOrWord);
  for (let found = search.exec(text); found; found = search.exec(text)) {
    if (found[0] === '"') search.lastIndex = endOfJsonString(text, found.index);
    else {
      parts.push(text.slice(done, found.index), jsonOf(found[0]));
      done = search.lastIndex;
    }
  }
  return parts.join("") + text.slice(done);
}
