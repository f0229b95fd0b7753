import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { themes } from "./gallery.js";

/** Writes index.html over all pictures that lie there: a row for each view, a column for each language and colours. */
export async function writeContactSheet(folder: string): Promise<void> {
  const columns: { readonly name: string; readonly path: string; readonly views: ReadonlySet<string> }[] = [];
  for (const language of (await subfolders(folder)).sort()) {
    for (const [theme] of themes) {
      const files = await readdir(join(folder, language, theme)).catch(() => []);
      const views = new Set(files.map((file) => file.replace(/\.png$/, "")));
      if (views.size > 0)
        columns.push({ name: `${language}, ${theme}`, path: `${language}/${theme}`, views });
    }
  }
  const views = [...new Set(columns.flatMap((column) => [...column.views]))].sort();
  const cell = (path: string, view: string, isThere: boolean): string =>
    isThere
      ? `<td><a href="${path}/${view}.png"><img src="${path}/${view}.png" alt="${view}" loading="lazy"></a></td>`
      : "<td>missing</td>";
  const rows = views.map(
    (view) =>
      `<tr><th>${view}</th>${columns.map((column) => cell(column.path, view, column.views.has(view))).join("")}</tr>`,
  );
  const head = columns.map(({ name }) => `<th>${name}</th>`).join("");
  await writeFile(
    join(folder, "index.html"),
    `<!doctype html>
<meta charset="utf-8">
<title>Screenshots</title>
<style>
  body { background: #888; font: 14px system-ui; }
  th { position: sticky; top: 0; background: #888; text-align: left; }
  tbody th { left: 0; }
  img { width: 420px; }
</style>
<table><thead><tr><th></th>${head}</tr></thead><tbody>
${rows.join("\n")}
</tbody></table>
`,
  );
}

async function subfolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
