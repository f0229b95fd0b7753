import * as vscode from "vscode";

/** A link in a tooltip that runs a command of ours. */
export interface TooltipLink {
  readonly label: string;
  readonly command: string;
  readonly argument?: string;
}

/**
 * A tooltip of lines, the first of them bold, a table with headings in its first row, and links. Texts are shown
 * literally: they cannot become markup, links or images.
 */
export function tooltipOf(
  lines: readonly string[],
  links: readonly TooltipLink[] = [],
  table: readonly (readonly string[])[] = [],
): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString();
  markdown.isTrusted = { enabledCommands: links.map(({ command }) => command) };
  lines
    .filter((line) => line !== "")
    .forEach((line, index) => {
      if (index > 0) markdown.appendMarkdown("\n\n");
      // Not appendText, which leaves addresses such as user@host to become links.
      const text = line
        .split("\n")
        .map((part) => escaped(part.trim()))
        .join("\n\n");
      markdown.appendMarkdown(index === 0 ? `**${text}**` : text);
    });
  if (table.length > 0) markdown.appendMarkdown(`\n\n${tableOf(table)}`);
  const written = links.map(({ label, command, argument }) => {
    const query = argument === undefined ? "" : `?${encodeURIComponent(JSON.stringify([argument]))}`;
    return `[${escaped(label)}](command:${command}${query})`;
  });
  if (written.length > 0) markdown.appendMarkdown(`\n\n${written.join(" · ")}`);
  return markdown;
}

function tableOf([headings = [], ...rows]: readonly (readonly string[])[]): string {
  const lines = [headings, ...rows].map((cells) => `| ${cells.map(escaped).join(" | ")} |`);
  return [lines[0], `|${" --- |".repeat(headings.length)}`, ...lines.slice(1)].join("\n");
}

/** Escapes every character that may mean something in Markdown or HTML. */
function escaped(text: string): string {
  return text.replace(/[^\p{L}\p{N} ]/gu, (character) => `&#${character.codePointAt(0)};`);
}
