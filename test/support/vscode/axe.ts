import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Frame } from "playwright-core";
import { inOtherThemes } from "./picturesInThemes.js";
import type { Window } from "./window.js";

/** What axe found: the rule, where, and what it says. Empty where nothing is wrong. */
export type Violations = readonly string[];

interface AxeResult {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Characters of the markup of one place that are told. */
const mostMarkup = 200;

/**
 * Looks with every rule of axe at a page of ours. What is in its frames is others'. VS Code paints the editor's background
 * behind the page, in another document, so it is painted in this one while axe looks.
 */
export async function violationsIn(page: Frame): Promise<Violations> {
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(axe);
  const found = await page.evaluate<readonly AxeResult[]>(`(async () => {
    const { style } = document.documentElement;
    style.background = "var(--vscode-editor-background)";
    const { violations } = await axe.run(document, { iframes: false, resultTypes: ["violations"] });
    style.background = "";
    return violations;
  })()`);
  return found.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ html, failureSummary }) =>
      `${id} (${impact}): ${html.slice(0, mostMarkup)}: ${failureSummary}`.replace(/\s+/g, " "),
    ),
  );
}

/** The same in the colours of now and in others; each with the colours that it was found in. */
export async function violationsInThemes(window: Window, page: Frame): Promise<Violations> {
  const found = [...(await violationsIn(page))];
  await inOtherThemes(window, async (colours) =>
    found.push(...(await violationsIn(page)).map((one) => `${colours}: ${one}`)),
  );
  return found;
}
