/** A string, or one of the three words that Python's `json` writes and JSON does not know. */
const stringOrWord = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g;

/**
 * Parses JSON as Python's `json` writes it: `NaN` and the infinities become null.
 * @throws SyntaxError
 */
export function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
    return JSON.parse(text.replace(stringOrWord, (found) => (found.startsWith('"') ? found : "null")));
  }
}
