// VS Code's page of details shows no picture but those of the web: neither a file of the package, nor one that stands in the
// text. It follows no other link either. There is no public address to lead to, so pictures are left out there, and links
// become words. OVERVIEW.md in the package is the same text with both, for VS Code's preview of Markdown.

const picture = /!\[([^\]]*)\]\(([^)\s]+)\)/g;
const link = /(?<!!)\[([^\]]+)\]\(([^)\s]+)\)/g;
const isOfTheWeb = (target) => /^https?:\/\//.test(target);

/** @returns the targets of a text's pictures. */
export function picturesOf(markdown) {
  return [...markdown.matchAll(picture)].map(([, , target]) => target);
}

/** @returns the targets of a text's links that lead to other files, or within itself. */
export function linksOf(markdown) {
  return [...markdown.matchAll(link)].map(([, , target]) => target).filter((target) => !isOfTheWeb(target));
}

/** @returns the text as that page can show it. */
export function forDetailsPage(markdown) {
  return markdown
    .replace(/^!\[[^\]]*\]\([^)\s]+\)\n\n/gm, "")
    .replace(link, (whole, words, target) => (isOfTheWeb(target) ? whole : words));
}
