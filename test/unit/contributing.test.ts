import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const text = readFileSync("CONTRIBUTING.md", "utf8");
const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>;
};

describe("CONTRIBUTING.md", () => {
  it("names files and folders that are there", () => {
    const named = [...text.matchAll(/\b(?:src|test|docs|l10n|scripts)(?:\/[\w.-]*\w)+/g)].map(
      ([path]) => path,
    );
    expect(named.length).toBeGreaterThan(40);
    expect(named.filter((path) => !existsSync(path))).toEqual([]);
  });

  it("names functions and tables that are in the files where it says so", () => {
    const named = [...text.matchAll(/`(\w+)`,?\s+(?:in|of)\s+`(src\/[\w./]+\.ts)`/g)];
    expect(named.length).toBeGreaterThan(8);
    const missing = named.filter(
      ([, name = "", file = ""]) => !new RegExp(`\\b${name}\\b`).test(readFileSync(file, "utf8")),
    );
    expect(missing.map(([sentence]) => sentence)).toEqual([]);
  });

  it("names scripts that package.json has", () => {
    const named = [...text.matchAll(/(?:npm run |`(?=test:))([\w:-]+)/g)].map(([, name = ""]) => name);
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});

describe("the README of a folder in src", () => {
  it("names files that are there", () => {
    const pages = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((path) =>
      path.endsWith("README.md"),
    );
    expect(pages.length).toBeGreaterThan(40);
    const missing = pages.flatMap((page) => {
      const named = readFileSync(join("src", page), "utf8").match(/(?<=`)[\w./-]+\.(?:ts|sh|py)(?=`)/g) ?? [];
      const places = [join("src", dirname(page)), "src", "."];
      return named
        .filter((path) => !places.some((place) => existsSync(join(place, path))))
        .map((path) => `${page}: ${path}`);
    });
    expect(missing).toEqual([]);
  });
});

describe("the architecture and the glossary", () => {
  const pages = ["docs/architecture.md", "docs/glossary.md"].map((page) => readFileSync(page, "utf8"));
  /** `viewer/viewers.ts` stands for `src/viewer/viewers.ts`, and also for a file further down: `pass/plan.ts`. */
  const files = readdirSync("src", { recursive: true, encoding: "utf8" }).map(
    (path) => `/${path.replaceAll("\\", "/")}`,
  );
  const isThere = (path: string): boolean =>
    existsSync(path) || files.some((file) => file.endsWith(`/${path}`));

  it("name files that are there", () => {
    const named = pages.flatMap((text) => text.match(/(?<=`)[\w./-]+\.(?:ts|sh|py|md)(?=`)/g) ?? []);
    expect(named.length).toBeGreaterThan(120);
    expect(named.filter((path) => !isThere(path))).toEqual([]);
  });

  it("name functions that are in the files where they say so", () => {
    const named = pages.flatMap((text) => [
      ...text.matchAll(/`(\w+)`\s+(?:in|of)\s+(?:the\s+`\w+`\s+\()?`([\w./]+\.(?:ts|py|sh))`/g),
    ]);
    expect(named.length).toBeGreaterThan(12);
    const missing = named.filter(([, name = "", file = ""]) => {
      const path = existsSync(`src/${file}`) ? `src/${file}` : file;
      return !new RegExp(`\\b${name}\\b`).test(readFileSync(path, "utf8"));
    });
    expect(missing.map(([sentence]) => sentence)).toEqual([]);
  });
});
