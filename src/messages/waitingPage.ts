import * as l10n from "@vscode/l10n";

/** What a local port shows while the way to its host is lost: complete HTML but for the head. */
export function waitingPage(): string {
  const title = escapeHtml(l10n.t("Reconnecting…"));
  const text = escapeHtml(l10n.t("The connection to the host was lost. This page returns by itself."));
  return `<title>${title}</title><body style="font-family:system-ui,sans-serif;color-scheme:light dark;display:grid;place-content:center;height:100vh;margin:0;text-align:center"><h1 style="font-size:1.3em">${title}</h1><p>${text}</p>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
