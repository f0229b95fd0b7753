import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { foreignIn, notesOf, releaseProblems, sectionsOf } from "../../scripts/releaseFacts.mjs";

const changelog = `# Changelog

## [Unreleased]

## [1.2.3] - 2026-01-31

### Added

- A button.

## [1.2.2] - 2026-01-02

- Less of it.
`;
const facts = { tag: "v1.2.3", version: "1.2.3", lockVersions: ["1.2.3", "1.2.3"], changelog };

describe("a release", () => {
  it("is made where tag, version, lock file and heading agree", () => {
    expect(releaseProblems(facts)).toEqual([]);
    expect(notesOf(changelog, "1.2.3")).toBe("### Added\n\n- A button.");
  });

  it.each([
    [
      "a tag of another version",
      { tag: "v1.2.4" },
      ["The tag is v1.2.4, but package.json has version 1.2.3."],
    ],
    [
      "a tag without v",
      { tag: "1.2.3" },
      ["The tag 1.2.3 is not of the form v1.2.3.", "The tag is 1.2.3, but package.json has version 1.2.3."],
    ],
    [
      "a lock file that was not renewed",
      { lockVersions: ["1.2.2", "1.2.2"] },
      ["package-lock.json has version 1.2.2, but package.json has 1.2.3. Run npm install."],
    ],
    [
      "no heading",
      { changelog: "# Changelog\n\n## [Unreleased]\n\n- A button.\n" },
      ['CHANGELOG.md has no heading "## [1.2.3] - YYYY-MM-DD".'],
    ],
    [
      "a heading without its date",
      { changelog: changelog.replace(" - 2026-01-31", "") },
      ["The heading of 1.2.3 in CHANGELOG.md has no date."],
    ],
    [
      "a heading with nothing below",
      { changelog: "## [1.2.3] - 2026-01-31\n\n## [1.2.2] - 2026-01-02\n" },
      ["CHANGELOG.md says nothing about 1.2.3."],
    ],
    [
      "entries that no version has",
      { changelog: changelog.replace("## [Unreleased]\n", "## [Unreleased]\n\n- A menu.\n") },
      ["CHANGELOG.md has entries under [Unreleased]: move them to 1.2.3."],
    ],
    [
      "an earlier version",
      { tag: "v1.2.2", version: "1.2.2", lockVersions: ["1.2.2"] },
      ["CHANGELOG.md has 1.2.3 above 1.2.2."],
    ],
  ])("is refused for %s", (_, change, problems) => {
    expect(releaseProblems({ ...facts, ...change })).toEqual(problems);
  });

  it("is tried out before the changelog has its heading", () => {
    const before = "## [Unreleased]\n\n- A button.\n";
    expect(releaseProblems({ ...facts, changelog: before, dryRun: true })).toEqual([]);
    expect(notesOf(before, "1.2.3", { dryRun: true })).toBe("- A button.");
    expect(notesOf(before, "1.2.3")).toBe("");
  });

  it("replaces what an earlier one made, and goes into no folder with anything else", () => {
    const ours = ["notes.md", "runicorn-remote-1.2.2.vsix", "runicorn-remote-1.2.3.vsix"];
    expect(foreignIn(ours, "runicorn-remote")).toEqual([]);
    const others = [".bashrc", "other-1.2.3.vsix", "runicorn-remote-1.2.3"];
    expect(foreignIn([...others, ...ours], "runicorn-remote")).toEqual(others);
  });

  it("can be made of our own changelog", () => {
    const sections = sectionsOf(readFileSync("CHANGELOG.md", "utf8"));
    expect(sections.length).toBeGreaterThan(0);
    expect(sections.filter(({ name, text }) => name !== "Unreleased" && text === "")).toEqual([]);
  });
});

describe("the workflows", () => {
  it("name every action by the SHA of a commit, with its version beside it", () => {
    const folder = ".github/workflows";
    const used = readdirSync(folder).flatMap(
      (name) => readFileSync(`${folder}/${name}`, "utf8").match(/(?<=\buses: ).+/g) ?? [],
    );
    expect(used.length).toBeGreaterThan(5);
    const ours = (one: string) => one.startsWith("./");
    expect(
      used.filter((one) => !ours(one) && !/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v[\d.]+$/.test(one)),
    ).toEqual([]);
  });
});
