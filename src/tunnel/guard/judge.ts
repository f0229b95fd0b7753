import type { IncomingHttpHeaders } from "node:http";

/** A request's head, as Node's parser understood it. */
export interface RequestHead {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
}

/** What the guard of one local port knows. */
export interface PortRules {
  /** What a `Host` header may say: names of this machine with the port, and where VS Code shows it. */
  readonly hosts: ReadonlySet<string>;
  readonly origins: ReadonlySet<string>;
  /** Whether programs may ask without a secret. */
  readonly letsProgramsIn: boolean;
  hasCookie(headers: IncomingHttpHeaders): boolean;
  hasKey(headers: IncomingHttpHeaders): boolean;
}

export type Verdict =
  /** `url` has no ticket. */
  | { readonly kind: "pass"; readonly url: string }
  /** A browser shows a ticket: where it is good, it gets the cookie and goes on to `to`. */
  | { readonly kind: "ticket"; readonly ticket: string; readonly to: string; readonly place: "tab" | "frame" }
  /** A person pressed the button of the locked page. */
  | { readonly kind: "open"; readonly to: string }
  /** A browser shows a page that says how to come in. `offer`: with a button that opens. */
  | { readonly kind: "locked"; readonly to: string; readonly offer: boolean }
  | { readonly kind: "refused"; readonly status: 400 | 403 | 417 | 421 | 501 | 503; readonly reason: string };

export const ticketParameter = "runicorn-ticket";
/** Where the button of the locked page leads; `to` is the path to go on to. */
export const openPath = "/runicorn-guard/open";

/** Decides about one request. Nothing of its body has been used. */
export function judge(head: RequestHead, rules: PortRules): Verdict {
  const { headers } = head;
  return (
    malformed(head, rules) ?? (isBrowser(headers) ? judgeBrowser(head, rules) : judgeProgram(head, rules))
  );
}

function malformed(
  { method, url, headers, rawHeaders }: RequestHead,
  { hosts }: PortRules,
): Verdict | undefined {
  if (!url.startsWith("/")) return refused(400, "Only paths are served here");
  const hostHeaders = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === "host");
  if (hostHeaders.length !== 1 || !hosts.has((headers.host ?? "").toLowerCase()))
    return refused(421, "This is not the address of a viewer here");
  const coding = headers["transfer-encoding"];
  if (coding !== undefined && coding.trim().toLowerCase() !== "chunked")
    return refused(501, "Only the transfer coding chunked is understood");
  if (method === "TRACE") return refused(501, "TRACE is not served");
  return undefined;
}

/**
 * Whether the client is a web browser: by its User-Agent, or by other headers that only browsers send. Not by
 * `Sec-Fetch-Mode`, which Node's fetch sends, too.
 */
function isBrowser(headers: IncomingHttpHeaders): boolean {
  const tells = [
    "origin",
    "service-worker",
    "sec-fetch-site",
    "sec-fetch-dest",
    "sec-fetch-user",
    "sec-purpose",
    "referer",
  ];
  return (
    tells.some((name) => headers[name] !== undefined) ||
    /^Mozilla\//.test(headers["user-agent"] ?? "") ||
    (headers.accept ?? "").includes("text/html")
  );
}

function judgeBrowser(head: RequestHead, rules: PortRules): Verdict {
  const { method, headers } = head;
  const { origin } = headers;
  // Service workers persist, and would answer for whatever viewer has this port later.
  if (headers["service-worker"] !== undefined || headers["sec-fetch-dest"] === "serviceworker")
    return refused(403, "Service workers are refused");
  const { ticket, to } = splitTicket(head.url);
  const site = headers["sec-fetch-site"];
  const isOwnPage = site === undefined ? origin !== undefined : site === "same-origin";
  if (origin !== undefined && !rules.origins.has(origin))
    return refused(403, "Pages of other addresses are refused");
  // A prefetch must not spend a ticket.
  if (ticket !== undefined && /prefetch|prerender/.test(String(headers["sec-purpose"])))
    return refused(503, "Not ahead of time");
  const place = navigation(head);
  const isForeign = site !== undefined && site !== "same-origin" && site !== "none";
  const locked: Verdict = { kind: "locked", to, offer: place === "tab" && rules.letsProgramsIn };
  if (ticket !== undefined)
    return place ? { kind: "ticket", ticket, to, place } : refused(403, "A ticket is for opening a page");
  if (isForeign) return place ? locked : refused(403, "Pages of other addresses are refused");
  if (method === "POST" && head.url.startsWith(`${openPath}?`))
    return isOwnPage && rules.letsProgramsIn
      ? { kind: "open", to: pathAfterOpening(head.url) }
      : refused(403, "Pages of other addresses are refused");
  if (rules.hasCookie(headers)) return { kind: "pass", url: head.url };
  return place ? locked : refused(403, "This browser has not opened the viewer");
}

function judgeProgram({ url, headers }: RequestHead, rules: PortRules): Verdict {
  if (!rules.letsProgramsIn && !rules.hasKey(headers) && !rules.hasCookie(headers))
    return refused(403, "Programs are refused here: this system does not tell whose they are");
  // It needs no ticket, and a ticket goes to no host.
  const { ticket, to } = splitTicket(url);
  return { kind: "pass", url: ticket === undefined ? url : to };
}

/** Where a page that is asked for is to be shown; undefined where something else than a page is asked for. */
function navigation({ method, headers }: RequestHead): "tab" | "frame" | undefined {
  if (method !== "GET") return undefined;
  const mode = headers["sec-fetch-mode"];
  const isPage = mode === undefined ? (headers.accept ?? "").includes("text/html") : mode === "navigate";
  if (!isPage) return undefined;
  switch (headers["sec-fetch-dest"]) {
    case undefined:
    case "document":
      return "tab";
    case "iframe":
    case "frame":
      return "frame";
    default:
      return undefined;
  }
}

/** A ticket in an address, and the address without it. */
function splitTicket(url: string): { readonly ticket: string | undefined; readonly to: string } {
  const at = url.indexOf("?");
  if (at < 0) return { ticket: undefined, to: ownPath(url) };
  const start = `${ticketParameter}=`;
  const parameters = url.slice(at + 1).split("&");
  const ticket = parameters.find((one) => one.startsWith(start))?.slice(start.length);
  const others = parameters.filter((one) => !one.startsWith(start)).join("&");
  return { ticket, to: ownPath(`${url.slice(0, at)}${others === "" ? "" : `?${others}`}`) };
}

function pathAfterOpening(url: string): string {
  return ownPath(new URLSearchParams(url.slice(url.indexOf("?") + 1)).get("to") ?? "/");
}

/** A path on this origin: one that starts with `//` leads to another host. */
function ownPath(path: string): string {
  return /^\/(?![/\\])[\x21-\x7e]*$/.test(path) ? path : "/";
}

function refused(status: Extract<Verdict, { kind: "refused" }>["status"], reason: string): Verdict {
  return { kind: "refused", status, reason };
}
