export interface PageSources {
  /** VS Code's `webview.cspSource`. */
  readonly cspSource: string;
  readonly scriptUri: string;
  /** The page's own style sheet, instead of the viewer panel's. */
  readonly styleUri?: string;
  readonly nonce: string;
  /** The origin of the viewer; undefined if there is none. */
  readonly viewerOrigin: string | undefined;
  /** Whether images with `data:` URLs are allowed. */
  readonly holdsPictures?: boolean;
  readonly language: string;
}

/**
 * The panel's document. Its content security policy allows only our script, with the modules that it imports, and one
 * frame, with the viewer's origin. Content is sent as data later, so that foreign text never becomes markup.
 */
export function panelHtml({
  cspSource,
  scriptUri,
  styleUri,
  nonce,
  viewerOrigin,
  holdsPictures = false,
  language,
}: PageSources): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource} 'nonce-${nonce}'`,
    `font-src ${cspSource}`,
    `frame-src ${viewerOrigin ?? "'none'"}`,
    ...(holdsPictures ? ["img-src data:"] : []),
  ].join("; ");
  const sheet =
    styleUri === undefined
      ? `<style nonce="${attribute(nonce)}">${style}</style>`
      : `<link rel="stylesheet" href="${attribute(styleUri)}" />`;
  return `<!DOCTYPE html>
<html lang="${attribute(language)}">
  <head>
    <meta charset="UTF-8" />
    <meta http-equiv="Content-Security-Policy" content="${attribute(policy)}" />
    <meta property="csp-nonce" content="${attribute(nonce)}" />
    <title>Runicorn</title>
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    ${sheet}
  </head>
  <body>
    <main id="page"${styleUri === undefined ? ' aria-live="polite"' : ""}></main>
    <script type="module" nonce="${attribute(nonce)}" src="${attribute(scriptUri)}"></script>
  </body>
</html>`;
}

function attribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}

// A page that follows the system's color scheme follows that of its frame, which we set by VS Code's theme, a class of
// the body; the light high-contrast theme has both classes.
const style = `
html, body, #page { height: 100%; margin: 0; padding: 0; }
iframe { border: 0; width: 100%; height: 100%; display: block; background: var(--vscode-editor-background); }
.vscode-dark iframe, .vscode-high-contrast iframe { color-scheme: dark; }
.vscode-light iframe, .vscode-high-contrast-light iframe { color-scheme: light; }
#page:has(> .header) { display: flex; flex-direction: column; }
.header { flex: none; display: flex; gap: 12px; align-items: baseline; padding: 3px 12px; color: var(--vscode-foreground);
  font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); border-bottom: 1px solid var(--vscode-panel-border); }
.header span { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.header button { flex: none; margin: 0; padding: 0; border: 0; background: none; font: inherit; cursor: pointer;
  color: var(--vscode-textLink-foreground); }
.header button:hover { text-decoration: underline; }
.header button:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
.header + .card { flex: 1; min-height: 0; height: auto; }
.note { flex: none; margin: 0; padding: 4px 12px; color: var(--vscode-foreground); font-family: var(--vscode-font-family);
  font-size: var(--vscode-font-size); background: var(--vscode-inputValidation-warningBackground);
  border-bottom: 1px solid var(--vscode-inputValidation-warningBorder); }
.header ~ iframe { flex: 1; min-height: 0; }
.card { box-sizing: border-box; height: 100%; display: flex; flex-direction: column; align-items: center;
  justify-content: safe center; gap: 12px; padding: 24px; overflow: auto; text-align: center; color: var(--vscode-foreground);
  font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); }
.card h1 { font-size: 1.3em; font-weight: 600; margin: 0; max-width: 40em; }
.card p { margin: 0; max-width: 44em; white-space: pre-line; overflow-wrap: anywhere; color: var(--vscode-descriptionForeground); }
.card pre { box-sizing: border-box; width: 100%; max-width: 80em; max-height: 40vh; overflow: auto; text-align: left;
  margin: 0; padding: 12px; background: var(--vscode-textCodeBlock-background); white-space: pre-wrap;
  overflow-wrap: anywhere; font-family: var(--vscode-editor-font-family); font-size: var(--vscode-editor-font-size); }
.steps { list-style: none; margin: 0; padding: 0; display: grid; gap: 8px; text-align: left; min-width: min(28em, 100%); }
.steps li { display: grid; grid-template-columns: 20px auto 1fr; gap: 8px; align-items: center; min-height: 20px; }
.steps .later { color: var(--vscode-descriptionForeground); }
.steps .detail { color: var(--vscode-descriptionForeground); overflow-wrap: anywhere; }
.steps .mark { width: 16px; height: 16px; text-align: center; line-height: 16px; }
.steps .done .mark { color: var(--vscode-testing-iconPassed, currentColor); }
.steps .warned .mark { color: var(--vscode-list-warningForeground, currentColor); }
.steps .failed .mark { color: var(--vscode-errorForeground); }
.steps .failed .detail { color: var(--vscode-foreground); }
.steps vscode-progress-ring { width: 16px; height: 16px; }
.card h1:focus { outline: none; }
#page { position: relative; }
.overlay { position: absolute; inset: 0; background: color-mix(in srgb, var(--vscode-editor-background) 88%, transparent); }
.spoken { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.buttons { display: flex; flex-wrap: wrap; gap: 8px; justify-content: center; }
`;
