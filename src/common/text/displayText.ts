/** Emoji that are joined into one, or a character that cannot be seen for what it is. */
const unseen =
  /\p{Extended_Pictographic}(?:[\ufe0f\p{Emoji_Modifier}]*\u200d\p{Extended_Pictographic})+|[\p{Cc}\p{Cf}\u2028\u2029\ud800-\udfff]/gu;

/** The same text fit for a screen or a log: undecodable bytes as `\xNN`, control characters made visible. */
export function displayText(text: string): string {
  return text.replace(unseen, (character) => {
    if (character.includes("\u200d") && character.length > 1) return character;
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16).padStart(2, "0")}`;
    return code <= 0xff ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
  });
}

/** The same for what turns `$(name)` into an icon, as VS Code's lists do: the name of an icon stays text. */
export function displayLabel(text: string): string {
  return displayText(text).replaceAll("$(", "\\$(");
}

/** Several lines, each fit for a screen or a log; all but the first are indented, so that none passes for another text. */
export function displayLines(text: string): string {
  const lines = text.split(/\r?\n/);
  return lines.map((line) => displayText(line.replaceAll("\t", "    "))).join("\n    ");
}
