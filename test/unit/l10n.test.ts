import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { getL10nJson } from "@vscode/l10n-dev";
import { describe, expect, it } from "vitest";

const chinese = JSON.parse(readFileSync("l10n/bundle.l10n.zh-cn.json", "utf8")) as Record<string, string>;

/** Every text in the sources, as VS Code's own tool finds it. */
async function textsInSources(): Promise<string[]> {
  const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  const found = await getL10nJson(
    files.map((file) => ({ extension: ".ts", contents: readFileSync(join("src", file), "utf8") })),
  );
  return Object.keys(found);
}

describe("the Chinese texts", () => {
  it("are there for every text in the sources, and for no other", async () => {
    const [texts, translated] = [await textsInSources(), Object.keys(chinese)];
    const missing = texts.filter((text) => !translated.includes(text));
    const unused = translated.filter((text) => !texts.includes(text));
    expect({ missing, unused }).toEqual({ missing: [], unused: [] });
  }, 120_000);

  it("hold the same placeholders", () => {
    const placeholders = (text: string): string[] =>
      [...text.matchAll(/\{\d\}/g)].map(([found]) => found).sort();
    const different = Object.entries(chinese).filter(
      ([english, translated]) => placeholders(english).join() !== placeholders(translated).join(),
    );
    expect(different).toEqual([]);
  });

  it("use one term for each thing, and address the reader as 你", () => {
    const titles = JSON.parse(readFileSync("package.nls.zh-cn.json", "utf8")) as Record<string, string>;
    // Each has another word: 你, 账户, 密码短语, 移除, 实验.
    const other = /您|帐户|口令|忘记|(运行|实验)记录|(这些|你的|三个|选中的)运行/;
    const texts = [...Object.values(chinese), ...Object.values(titles)];
    expect(texts.filter((text) => other.test(text))).toEqual([]);
    for (const file of ["README.zh-cn.md", "docs/runs.zh-cn.md", "docs/terminal.zh-cn.md"])
      expect(readFileSync(file, "utf8"), file).not.toMatch(other);
  });
});
