import { readFileSync } from "node:fs";

type Texts = Readonly<Record<string, string>>;

/** What the extension says in one language, found by what it says in English. */
export interface Words {
  readonly language: string;
  /**
   * The longest piece without a blank of the text whose English has this in it.
   * @throws Error where no text has it.
   */
  of(english: string): string;
  /** A text of package.json by its key, such as `view.runs`. */
  manifest(key: string): string;
  /** A command as the palette names it. @param name the part of its id after the dot */
  command(name: string): string;
}

const read = (file: string): Texts => JSON.parse(readFileSync(file, "utf8")) as Texts;

/** @param language `en`, or one with a translation in `l10n/`. */
export function wordsOf(language: string): Words {
  const isEnglish = language === "en";
  const texts: Texts = isEnglish ? {} : read(`l10n/bundle.l10n.${language}.json`);
  const named = read(isEnglish ? "package.nls.json" : `package.nls.${language}.json`);
  const manifest = (key: string): string => {
    const text = named[key];
    if (text === undefined) throw new Error(`package.nls has no ${key}`);
    return text;
  };
  return {
    language,
    of: (english) => longestPiece(isEnglish ? english : translate(texts, english)),
    manifest,
    command: (name) => `Runicorn: ${manifest(`command.${name}`)}`,
  };
}

function translate(texts: Texts, english: string): string {
  const exact = texts[english];
  if (exact !== undefined) return exact;
  const [, found] = Object.entries(texts).find(([key]) => key.includes(english)) ?? [];
  if (found === undefined) throw new Error(`no text has ${english}`);
  return found;
}

function longestPiece(text: string): string {
  const pieces = text.split(/\{\d+\}/).map((piece) => piece.trim());
  return pieces.reduce((longest, piece) => (piece.length > longest.length ? piece : longest));
}
