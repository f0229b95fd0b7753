/** Where a release may be told of: a version with its date, as Keep a Changelog wants it, or what is not released yet. */
const heading = /^## \[(?<name>[^\]]+)\](?: - (?<date>\d{4}-\d{2}-\d{2}))?\s*$/;

/**
 * The sections of a changelog, newest first as they stand there.
 *
 * @param {string} changelog Keep a Changelog's Markdown
 * @returns {{ name: string, date: string | undefined, text: string }[]}
 */
export function sectionsOf(changelog) {
  const sections = [];
  for (const line of changelog.split(/\r?\n/)) {
    const { name, date } = heading.exec(line)?.groups ?? {};
    if (name) sections.push({ name, date, lines: [] });
    else sections.at(-1)?.lines.push(line);
  }
  return sections.map(({ name, date, lines }) => ({ name, date, text: lines.join("\n").trim() }));
}

/**
 * The notes of a release: its section of the changelog, or that of what is not released yet in a dry run.
 *
 * @returns {string} empty where there is no such section
 */
export function notesOf(changelog, version, { dryRun = false } = {}) {
  const sections = sectionsOf(changelog);
  const released = sections.find(({ name }) => name === version);
  const unreleased = dryRun ? sections.find(({ name }) => name === "Unreleased") : undefined;
  return (released ?? unreleased)?.text ?? "";
}

/**
 * What a folder has that no release made: then nothing in it is removed.
 *
 * @param {string[]} names of the entries of the folder for a release
 * @param {string} name of the extension
 * @returns {string[]}
 */
export function foreignIn(names, name) {
  return names.filter((one) => one !== "notes.md" && !(one.startsWith(`${name}-`) && one.endsWith(".vsix")));
}

/**
 * Why a tag must not become a release: tag, package.json, package-lock.json and the changelog's heading have to name one
 * version.
 *
 * @param {{ tag: string, version: string, lockVersions: string[], changelog: string, dryRun?: boolean }} facts
 *   dryRun: takes [Unreleased] for the section of this version
 * @returns {string[]} none where all agree
 */
export function releaseProblems({ tag, version, lockVersions, changelog, dryRun = false }) {
  const problems = [];
  if (!/^v\d+\.\d+\.\d+$/.test(tag)) problems.push(`The tag ${tag} is not of the form v1.2.3.`);
  if (tag !== `v${version}`) problems.push(`The tag is ${tag}, but package.json has version ${version}.`);
  for (const other of new Set(lockVersions.filter((one) => one !== version)))
    problems.push(
      `package-lock.json has version ${other}, but package.json has ${version}. Run npm install.`,
    );
  return [...problems, ...(dryRun ? [] : changelogProblems(sectionsOf(changelog), version))];
}

function changelogProblems(sections, version) {
  const section = sections.find(({ name }) => name === version);
  if (!section) return [`CHANGELOG.md has no heading "## [${version}] - YYYY-MM-DD".`];
  const problems = [];
  const newest = sections.find(({ name }) => name !== "Unreleased");
  const unreleased = sections.find(({ name }) => name === "Unreleased");
  if (!section.date) problems.push(`The heading of ${version} in CHANGELOG.md has no date.`);
  if (section.text === "") problems.push(`CHANGELOG.md says nothing about ${version}.`);
  if (newest !== section) problems.push(`CHANGELOG.md has ${newest.name} above ${version}.`);
  if (unreleased?.text)
    problems.push(`CHANGELOG.md has entries under [Unreleased]: move them to ${version}.`);
  return problems;
}
