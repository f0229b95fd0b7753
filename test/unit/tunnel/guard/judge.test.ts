import { describe, expect, it } from "vitest";
import { type PortRules, judge, openPath } from "../../../../src/tunnel/guard/judge.js";

/* The rules alone; that Node's parser and real browsers lead to them is shown in test/host/tunnel. */

const open: PortRules = {
  hosts: new Set(["localhost:4000", "127.0.0.1:4000", "[::1]:4000", "4000.localhost:80"]),
  origins: new Set(["http://localhost:4000", "http://127.0.0.1:4000"]),
  letsProgramsIn: true,
  hasCookie: ({ cookie }) => cookie === "good",
  hasKey: (headers) => headers["runicorn-guard-key"] === "good",
};
const closed: PortRules = { ...open, letsProgramsIn: false };

interface Given {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Record<string, string>;
  readonly door?: PortRules;
}

function decide({ method = "GET", url = "/runs?a=1", headers: given = {}, door = open }: Given) {
  const headers = { host: "localhost:4000", ...given };
  return judge({ method, url, headers, rawHeaders: Object.entries(headers).flat() }, door);
}

const page = { accept: "text/html,*/*", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
const typed = { ...page, "sec-fetch-site": "none" };
const linked = { ...page, "sec-fetch-site": "cross-site" };
const framed = { ...linked, "sec-fetch-dest": "iframe" };
const script = { origin: "http://localhost:4000", "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" };
const cookie = { cookie: "good" };

describe("a request for another host or port", () => {
  it.each<[string, Given, number]>([
    ["another name (rebinding)", { headers: { host: "evil.example:4000" } }, 421],
    ["a name that begins like ours", { headers: { host: "localhost.evil.example:4000" } }, 421],
    ["another port", { headers: { host: "localhost:4001" } }, 421],
    ["no port", { headers: { host: "localhost" } }, 421],
    ["no name", { headers: { host: "" } }, 421],
    ["an absolute address", { url: "http://localhost:4000/" }, 400],
    ["a star", { method: "OPTIONS", url: "*" }, 400],
    ["another transfer coding", { headers: { "transfer-encoding": "gzip, chunked" } }, 501],
    ["TRACE", { method: "TRACE" }, 501],
  ])("%s", (_name, given, status) => {
    expect(decide(given)).toMatchObject({ kind: "refused", status });
    expect(decide({ ...given, headers: { ...cookie, ...given.headers } })).toMatchObject({ status });
  });

  it("two names", () => {
    const rawHeaders = ["Host", "localhost:4000", "HOST", "evil.example"];
    const headers = { host: "localhost:4000" };
    expect(judge({ method: "GET", url: "/", headers, rawHeaders }, open)).toMatchObject({ status: 421 });
  });
});

describe("a program", () => {
  it.each<Record<string, string>>([{}, { accept: "*/*", "sec-fetch-mode": "cors", "user-agent": "node" }])(
    "%j",
    (headers) => {
      expect(decide({ headers })).toEqual({ kind: "pass", url: "/runs?a=1" });
      expect(decide({ headers, door: closed })).toMatchObject({ kind: "refused", status: 403 });
      expect(decide({ headers: { ...headers, "runicorn-guard-key": "good" }, door: closed }).kind).toBe(
        "pass",
      );
      expect(decide({ headers: { ...headers, "runicorn-guard-key": "bad" }, door: closed }).kind).toBe(
        "refused",
      );
    },
  );

  it("needs no ticket, and none goes on", () => {
    const url = "/runs?runicorn-ticket=abc&a=1";
    expect(decide({ url })).toEqual({ kind: "pass", url: "/runs?a=1" });
  });
});

describe("a browser", () => {
  it.each<Record<string, string>>([
    { origin: "http://localhost:4000" },
    { "sec-fetch-site": "none" },
    { "sec-fetch-dest": "image" },
    { "user-agent": "Mozilla/5.0 (X11)" },
    { referer: "http://x/" },
    { accept: "text/html" },
  ])("is known by %j, and needs the cookie", (headers) => {
    expect(decide({ headers }).kind).not.toBe("pass");
    expect(decide({ headers: { ...headers, ...cookie } }).kind).toBe("pass");
  });

  it.each<[string, Given]>([
    [
      "a script of another page",
      { headers: { origin: "https://evil.example", "sec-fetch-site": "cross-site" } },
    ],
    ["an old browser's", { headers: { origin: "https://evil.example" } }],
    ["a sandboxed page's", { headers: { origin: "null" } }],
    ["one of another port", { headers: { origin: "http://localhost:4001", "sec-fetch-site": "same-site" } }],
    ["one of our own page over TLS", { headers: { origin: "https://localhost:4000" } }],
    ["a picture there", { headers: { "sec-fetch-site": "cross-site", "sec-fetch-dest": "image" } }],
    ["one on another port", { headers: { "sec-fetch-site": "same-site", "sec-fetch-dest": "image" } }],
    ["two sites at once", { headers: { "sec-fetch-site": "same-origin, cross-site" } }],
    ["a form", { method: "POST", headers: { ...linked, origin: "https://evil.example" } }],
    ["a form in our name", { method: "POST", url: `${openPath}?to=/`, headers: linked }],
    ["our button without a page", { method: "POST", url: `${openPath}?to=/`, headers: typed }],
    ["a ticket that is no page's", { url: "/?runicorn-ticket=abc", headers: script }],
    ["a service worker", { headers: { ...script, "service-worker": "script" } }],
    ["a service worker's script", { headers: { ...script, "sec-fetch-dest": "serviceworker" } }],
    ["a plugin", { headers: { ...linked, "sec-fetch-dest": "object" } }],
  ])("is refused although it has the cookie: %s", (_name, given) => {
    const headers = { ...given.headers, ...cookie };
    expect(decide({ ...given, headers })).toMatchObject({ kind: "refused", status: 403 });
  });

  it("whose link or frame of another page leads here sees a page that leads on, never the viewer", () => {
    for (const headers of [linked, { ...linked, ...cookie }, typed])
      expect(decide({ headers })).toEqual({ kind: "locked", to: "/runs?a=1", offer: true });
    expect(decide({ headers: { ...framed, ...cookie } })).toMatchObject({ kind: "locked", offer: false });
    expect(decide({ headers: typed, door: closed })).toMatchObject({ kind: "locked", offer: false });
  });

  it("shows a ticket when it opens a page, wherever it comes from", () => {
    const url = "/runs?a=1&runicorn-ticket=abc";
    expect(decide({ url, headers: typed })).toEqual({
      kind: "ticket",
      ticket: "abc",
      to: "/runs?a=1",
      place: "tab",
    });
    expect(decide({ url, headers: framed })).toMatchObject({ kind: "ticket", place: "frame" });
    expect(decide({ url, headers: { accept: "text/html" } })).toMatchObject({ kind: "ticket", place: "tab" });
    expect(decide({ url, headers: { ...typed, "sec-purpose": "prefetch;prerender" } })).toMatchObject({
      status: 503,
    });
  });

  it("can continue only from our own page", () => {
    const url = `${openPath}?to=${encodeURIComponent("/runs?a=1")}`;
    const pressed = { method: "POST", url, headers: { ...page, ...script } };
    expect(decide(pressed)).toEqual({ kind: "open", to: "/runs?a=1" });
    expect(decide({ ...pressed, door: closed })).toMatchObject({ status: 403 });
    for (const elsewhere of ["//evil.example", "/\\evil.example", "https://evil.example", "x"])
      expect(decide({ ...pressed, url: `${openPath}?to=${encodeURIComponent(elsewhere)}` })).toEqual({
        kind: "open",
        to: "/",
      });
  });

  it("is admitted for scripts, images and WebSockets of its own page", () => {
    const own: Record<string, string>[] = [
      script,
      { origin: "http://localhost:4000" },
      { "sec-fetch-site": "same-origin" },
    ];
    for (const headers of own)
      expect(decide({ headers: { ...headers, ...cookie } })).toEqual({ kind: "pass", url: "/runs?a=1" });
  });
});
