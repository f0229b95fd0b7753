import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { hostileTexts, type Written } from "../support/hostileTexts.js";

/*
 * Hosts, files and programs decide on the text that most regular expressions here see, and one that goes back over what
 * it read again and again stops the whole program. Each gets a time for what it likes least.
 */

/** Characters of a hostile text. */
const longest = 100_000;
/** Milliseconds for one text. */
const budget = 100;
/** The lengths in between keep what doubles with every character from running for ever. */
const lengths = [20, 200, 2_000, 10_000];
/** Milliseconds for the last of these lengths: who stays below takes ten times as long for ten times the text. */
const unsuspicious = 2;

/** Expressions that never see more than so many characters, and why. */
const bounded: Readonly<Record<string, { readonly characters: number; readonly because: string }>> = {
  "src/ssh/login/authentication.ts: /^\\s*(\\(?\\S+@\\S+\\)?('s)?\\s+)?password( for \\S+)?\\s*:?\\s*$/i": {
    characters: 300,
    because: "a longer prompt is not about the password",
  },
};

/** Files that put expressions together at run time, which are not tested here, and why they may. */
const puttingTogether: Readonly<Record<string, string>> = {
  "src/api/model/fields.ts":
    "names of at most 255 characters, and digits, which a test of theirs gives a million of",
  "src/common/text/pythonJson.ts": "a copy of an expression that is tested",
  "src/relay/command/allowedCommands.ts": "the patterns are the person's own",
  "src/ssh/channel/heldShellFrames.ts":
    "a random mark stands at their beginning, and classes without overlap behind it",
  "src/ssh/config/hostAliases.ts": "the patterns are the person's own",
  "src/ssh/model/target.ts": "classes, and what stands at an end or once, on at most 255 characters",
  "src/ssh/openssh/privateFolder.ts": "a number and six characters",
};

interface Found extends Written {
  readonly file: string;
  /** `split` looks for the expression at every place of the text. */
  readonly splits: boolean;
}

const found: Found[] = [];
const built: string[] = [];
for (const entry of readdirSync("src", { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !entry.name.endsWith(".ts")) continue;
  const file = join(entry.parentPath, entry.name).replaceAll("\\", "/");
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf("/");
      const { parent } = node;
      const splits =
        ts.isCallExpression(parent) &&
        ts.isPropertyAccessExpression(parent.expression) &&
        parent.expression.name.text === "split";
      found.push({ file, source: node.text.slice(1, end), flags: node.text.slice(end + 1), splits });
    }
    if (ts.isIdentifier(node) && node.text === "RegExp" && !ts.isTypeReferenceNode(node.parent))
      built.push(file);
    ts.forEachChild(node, visit);
  };
  visit(source);
}

const nameOf = ({ file, source, flags }: Found): string => `${file}: /${source}/${flags}`;

/** @returns milliseconds, of the fastest of three tries where the first took long. */
function timeOf(work: () => unknown, allowed: number): number {
  let fastest = Infinity;
  for (let tries = 0; tries < 3 && fastest > allowed; tries += 1) {
    const startedAt = performance.now();
    work();
    fastest = Math.min(fastest, performance.now() - startedAt);
  }
  return fastest;
}

/** A search, for all that there is to find where the code takes all. */
function searchOf({ source, flags, splits }: Found): (text: string) => unknown {
  const expression = new RegExp(source, flags);
  if (splits) return (text) => text.split(expression);
  return (text) => (expression.global ? text.replace(expression, "") : expression.exec(text));
}

/** The first text that takes too long, with what it takes. */
function tooSlow(one: Found, limit: number): string | undefined {
  const search = searchOf(one);
  for (const text of hostileTexts(one)) {
    let milliseconds = 0;
    for (const length of [...lengths, longest]) {
      if (length > limit || (length === longest && milliseconds < unsuspicious)) continue;
      const hostile = text(length);
      milliseconds = timeOf(() => search(hostile), length === longest ? budget : unsuspicious);
      if (milliseconds > budget)
        return `${JSON.stringify(hostile.slice(0, 60))}…, ${length} characters: ${Math.round(milliseconds)} ms`;
    }
  }
  return undefined;
}

describe("a regular expression on foreign text", () => {
  it.each(found.map((one) => [nameOf(one), one] as const))(
    "%s takes no longer than its text",
    (name, one) => {
      expect(tooSlow(one, bounded[name]?.characters ?? longest)).toBeUndefined();
    },
  );
});

it("only these are put together at run time", () => {
  expect(built.filter((file) => !(file in puttingTogether))).toEqual([]);
});
