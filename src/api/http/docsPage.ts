import type { OpenApiDocument } from "./openapi.js";

/** A small static page: no script, no external resources. */
export function docsPage({ info, tags, paths }: OpenApiDocument): string {
  const sections = tags.map(({ name, description }) => {
    const rows = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, operation]) => operation.tags.includes(name))
        .map(
          ([method, { summary }]) =>
            `<tr><td>${method.toUpperCase()}</td><td><code>${escape(path)}</code></td><td>${escape(summary)}</td></tr>`,
        ),
    );
    return `<h2 id="${name}">${name}</h2><p>${escape(description)}</p><table>${rows.join("\n")}</table>`;
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(info.title)} API</title>
<style>
:root { color-scheme: light dark; font-family: system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; line-height: 1.5; }
table { border-collapse: collapse; width: 100%; }
td { padding: 0.25rem 0.75rem 0.25rem 0; vertical-align: top; border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
td:first-child { width: 4.5rem; font-weight: 600; }
</style>
</head>
<body>
<h1>${escape(info.title)} API</h1>
<p>${escape(info.description)} The whole description: <a href="/openapi.json">openapi.json</a>.</p>
${sections.join("\n")}
</body>
</html>
`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
