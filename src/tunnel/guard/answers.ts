import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { openPath } from "./judge.js";

/** Words of a page, not escaped. */
export interface PageText {
  readonly title: string;
  readonly lines: readonly string[];
}

/** What a browser is told; asked each time, for the language of the moment. */
export interface GuardPages {
  /** While the way to the host is lost. */
  waiting(): PageText;
  /**
   * A browser that has no cookie yet.
   * @param button the label of one that opens the viewer; undefined where there is none.
   */
  locked(canOpen: boolean): PageText & { readonly button: string };
  /** Shown for a moment while a browser with a ticket is sent on. */
  opening(): PageText;
  /** 431: the browser sends too many cookies, for it sends those of every local port to each. */
  tooManyCookies(): PageText;
}

/** Seconds after which a browser asks again while the way to the host is lost. */
const retryAfter = 2;

/** Refuses with one sentence, and closes the connection. */
export function refuse(response: ServerResponse, status: number, reason: string): void {
  const body = Buffer.from(`${reason}\n`);
  end(response, status, { "Content-Type": "text/plain; charset=utf-8" }, body);
}

/** 431, to a request whose head was not read to its end. */
export function answerTooLong(socket: Duplex, pages: GuardPages): void {
  const body = page(pages.tooManyCookies(), "");
  const head = [
    "HTTP/1.1 431 Request Header Fields Too Large",
    `Content-Type: ${html}`,
    `Content-Length: ${body.length}`,
    "Cache-Control: no-store",
    "Connection: close",
  ];
  socket.end(Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), body]));
}

/** 503 with `Retry-After` and a page that reloads itself, so that browsers and frames recover automatically. */
export function answerWaiting(response: ServerResponse, pages: GuardPages): void {
  const headers = { "Content-Type": html, "Retry-After": String(retryAfter) };
  end(response, 503, headers, page(pages.waiting(), `<meta http-equiv="refresh" content="${retryAfter}">`));
}

/**
 * Hands out the cookie and goes on to `to`, an address relative to this one. As a page and not as a redirect: what follows is then asked for by a page of
 * this address, and not by the one that led here, for which browsers send no such cookie.
 */
export function answerEntry(
  response: ServerResponse,
  pages: GuardPages,
  to: string,
  cookies: readonly string[],
): void {
  const headers = { "Content-Type": html, "Set-Cookie": [...cookies], "Referrer-Policy": "no-referrer" };
  const onward = `<meta http-equiv="refresh" content="0;url=${escapeHtml(to)}">`;
  end(response, 200, headers, page(pages.opening(), onward));
}

/** @param offer with a button that opens the viewer, which no other page may put into a frame. */
export function answerLocked(response: ServerResponse, pages: GuardPages, to: string, offer: boolean): void {
  const { button, ...text } = pages.locked(offer);
  const target = `${openPath}?to=${encodeURIComponent(to)}`;
  const form = `<form method="post" action="${escapeHtml(target)}"><button style="font:inherit;padding:.5em 1em">${escapeHtml(button)}</button></form>`;
  const policy = `default-src 'none'; style-src 'unsafe-inline'; form-action 'self'${offer ? "; frame-ancestors 'none'" : ""}`;
  const headers = {
    "Content-Type": html,
    "Content-Security-Policy": policy,
    // The button's request must carry its origin, which proves that it is ours.
    "Referrer-Policy": "same-origin",
    ...(offer && { "X-Frame-Options": "DENY" }),
  };
  end(response, 403, headers, page(text, "", offer ? form : ""));
}

const html = "text/html; charset=utf-8";

function end(
  response: ServerResponse,
  status: number,
  headers: Record<string, string | string[]>,
  body: Buffer,
): void {
  response.shouldKeepAlive = false;
  response.writeHead(status, {
    ...headers,
    "Content-Length": body.length,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
  });
  response.end(body);
}

function page({ title, lines }: PageText, head: string, below = ""): Buffer {
  const style =
    "font-family:system-ui,sans-serif;color-scheme:light dark;display:grid;place-content:center;min-height:100vh;margin:0;text-align:center";
  const text = lines.map((line) => `<p>${escapeHtml(line)}</p>`).join("");
  return Buffer.from(
    `<!DOCTYPE html><meta charset="utf-8">${head}<title>${escapeHtml(title)}</title><body style="${style}"><h1 style="font-size:1.3em">${escapeHtml(title)}</h1>${text}${below}`,
  );
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
