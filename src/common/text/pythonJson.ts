import { endOfJsonString, isNestedDeeperThan } from "./jsonText.js";

/** The start of a string, or one of the three words that Python's `json` writes and JSON does not know. */
const stringOrWord = /"|-?\bInfinity\b|\bNaN\b/g;

/** Levels of arrays and objects: Python's own `json` stops at about a thousand. */
const deepest = 1_000;

/**
 * Parses JSON as Python's `json` writes it: `NaN` and the infinities become null.
 * @throws SyntaxError, also for what is nested more than a thousand levels deep.
 */
export function parsePythonJson(text: string): unknown {
  if (isNestedDeeperThan(deepest, text)) throw new SyntaxError("nested too deeply");
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
    return JSON.parse(withoutPythonWords(text));
  }
}

function withoutPythonWords(text: string): string {
  const parts: string[] = [];
  let done = 0;
  const search = new RegExp(stringOrWord);
  for (let found = search.exec(text); found; found = search.exec(text)) {
    if (found[0] === '"') search.lastIndex = endOfJsonString(text, found.index);
    else {
      parts.push(text.slice(done, found.index), "null");
      done = search.lastIndex;
    }
  }
  return parts.join("") + text.slice(done);
}
