import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type GuardedPort, openGuardedPort } from "../../support/guardedPort.js";
import { until } from "../../support/until.js";
import { launchBrowser } from "../../support/vscode/chromium.js";

/* A real browser at the local port of a viewer that lets every page in, as Runicorn 0.6.0 does. */

let viewer: GuardedPort;
let second: GuardedPort;
let foreign: Server;
let profile: string;
let browser: BrowserContext;
let page: Page;

const letsAllIn: RequestListener = (incoming, response) => {
  const { origin } = incoming.headers;
  response.setHeader("Access-Control-Allow-Origin", origin ?? "*");
  response.setHeader("Access-Control-Allow-Credentials", "true");
  response.setHeader("Content-Type", "text/html");
  response.end(`<!DOCTYPE html><title>Viewer</title><h1>Runs</h1><p id="path">${incoming.url}</p>`);
};

async function openViewer(): Promise<GuardedPort> {
  const port = await openGuardedPort(letsAllIn);
  port.web.on("upgrade", (_request, socket) => socket.destroy());
  return port;
}

beforeAll(async () => {
  viewer = await openViewer();
  second = await openViewer();
  foreign = createServer((_incoming, response) =>
    response.setHeader("Content-Type", "text/html").end("<!DOCTYPE html><title>Elsewhere</title>"),
  ).listen(0, "127.0.0.1");
  await once(foreign, "listening");
});
afterAll(async () => {
  await viewer.dispose();
  await second.dispose();
  foreign.closeAllConnections();
  foreign.close();
});

async function launch(thirdPartyCookies = true): Promise<void> {
  profile = await mkdtemp(join(tmpdir(), "profile-"));
  const args = ["--host-resolver-rules=MAP *.example 127.0.0.1"];
  browser = await launchBrowser({ profile, args, thirdPartyCookies });
  page = browser.pages()[0] as Page;
}
beforeEach(() => launch());
afterEach(async () => {
  await browser.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  for (const { seen } of [viewer, second]) seen.splice(0);
});

const elsewhere = () => `http://evil.example:${(foreign.address() as AddressInfo).port}/`;
const entrance = (to = viewer) => to.entrance({ lifetime: 30_000 });
const paths = (port = viewer) => port.seen.map(({ url = "" }) => url).filter((url) => !/favicon/.test(url));

/** Everything that a page can send somewhere; resolves when the browser has heard of each. */
const attack = (url: string) => `(async () => {
  const url = ${JSON.stringify(url)};
  const heard = [];
  const settle = (name, work) => work.then(
    (answer) => heard.push(name + " " + answer), () => heard.push(name + " refused"));
  const send = (name, options) => settle(name, fetch(url + "/" + name, options).then(({ type, status }) => type + " " + status));
  await send("cors", { credentials: "include" });
  await send("no-cors", { mode: "no-cors", credentials: "include" });
  await send("post", { method: "POST", mode: "no-cors", credentials: "include", body: "x=1" });
  await send("preflight", { method: "DELETE", credentials: "include", headers: { "X-A": "1" } });
  await send("beacon", { method: "POST", mode: "no-cors", keepalive: true, credentials: "include", body: "x" });
  await settle("image", new Promise((done, fail) => {
    const image = new Image();
    image.onload = () => done("shown");
    image.onerror = fail;
    image.src = url + "/image";
  }));
  await settle("script", new Promise((done, fail) => {
    const script = document.createElement("script");
    script.onload = () => done("run");
    script.onerror = fail;
    script.src = url + "/script";
    document.head.append(script);
  }));
  await settle("socket", new Promise((done, fail) => {
    const socket = new WebSocket(url.replace("http", "ws") + "/socket");
    socket.onopen = () => done("open");
    socket.onclose = fail;
  }));
  for (const method of ["get", "post"]) await settle("form " + method, new Promise((done) => {
    const frame = document.createElement("iframe");
    frame.name = method + Math.random();
    document.body.append(frame);
    const form = document.createElement("form");
    Object.assign(form, { method, action: url + "/form-" + method, target: frame.name });
    document.body.append(form);
    frame.onload = () => done("shown");
    form.submit();
  }));
  return heard;
})()`;

describe("a browser that has opened the viewer", () => {
  it("with a ticket, sees it at its own address, and the viewer sees neither ticket nor cookie", async () => {
    await page.goto(viewer.entrance({ base: `${viewer.url}/runs?a=1`, lifetime: 30_000 }));
    await page.waitForURL(`${viewer.url}/runs?a=1`);
    await page.getByRole("heading", { name: "Runs" }).waitFor();
    expect(await page.evaluate("history.length")).toBeLessThanOrEqual(2);
    expect(await page.evaluate("document.cookie")).toBe("");
    const sent = JSON.stringify(viewer.seen.map(({ url, rawHeaders }) => [url, rawHeaders]));
    expect(sent).toContain("/runs?a=1");
    expect(sent).not.toMatch(/ticket|guard/i);
    await page.reload();
    await page.getByRole("heading", { name: "Runs" }).waitFor();
    const own = await page.evaluate<string[]>(attack(viewer.url));
    expect(own).toContain("cors basic 200");
    expect(own).toContain("form post shown");
    // The viewer of this test ends WebSockets; it was asked for one.
    expect(paths()).toEqual(
      expect.arrayContaining(["/post", "/preflight", "/image", "/form-post", "/socket"]),
    );
  });

  it("is not let in by a page of another address, whatever that sends", async () => {
    await page.goto(entrance());
    await page.waitForURL(`${viewer.url}/`);
    await page.getByRole("heading", { name: "Runs" }).waitFor();
    viewer.seen.splice(0);
    await page.goto(elsewhere());
    const heard = await page.evaluate<string[]>(attack(viewer.url));
    expect(heard.filter((one) => !/refused|opaque 0|form \w+ shown/.test(one))).toEqual([]);
    expect(paths()).toEqual([]);
  });

  it("is not let in by the page of a second tunnel", async () => {
    await page.goto(entrance());
    await page.getByRole("heading", { name: "Runs" }).waitFor();
    await page.goto(entrance(second));
    await page.waitForURL(`${second.url}/`);
    await page.getByRole("heading", { name: "Runs" }).waitFor();
    viewer.seen.splice(0);
    const heard = await page.evaluate<string[]>(attack(viewer.url));
    expect(heard.filter((one) => !/refused|opaque 0|form \w+ shown/.test(one))).toEqual([]);
    // By its other name it is another site, for which the browser has no cookie at all.
    await page.evaluate(attack(viewer.url.replace("localhost", "127.0.0.1")));
    expect(paths()).toEqual([]);
  });

  it("is not let in under a name that somebody's DNS leads here", async () => {
    await page.goto(entrance());
    await page.getByRole("heading", { name: "Runs" }).waitFor();
    viewer.seen.splice(0);
    const answer = await page.goto(`http://rebound.example:${viewer.port}/`);
    expect(answer?.status()).toBe(421);
    await page.evaluate(attack(`http://rebound.example:${viewer.port}`));
    expect(paths()).toEqual([]);
  });

  it("a link elsewhere leads to a page that asks first, and goes on where the link led", async () => {
    await page.goto(elsewhere());
    await page.setContent(`<a href="${viewer.url}/runs?id=7">a link</a>`);
    await page.getByText("a link").click();
    await page.getByText("Locked").first().waitFor();
    expect(paths()).toEqual([]);
    await page.getByRole("button", { name: "Open" }).click();
    await page.waitForURL(`${viewer.url}/runs?id=7`);
    await page.getByRole("heading", { name: "Runs" }).waitFor();
    await page.goto(`${viewer.url}/typed`);
    await page.getByText("/typed").waitFor();
  });

  it("a ticket is good once, and not for another port", async () => {
    const once = entrance();
    await page.goto(once);
    await page.getByRole("heading", { name: "Runs" }).waitFor();
    await browser.clearCookies();
    await page.goto(once);
    await page.getByText("Locked").first().waitFor();
    await page.goto(entrance().replace(String(viewer.port), String(second.port)));
    await page.getByText("Locked").first().waitFor();
    expect(paths(second)).toEqual([]);
  });

  it("the page that asks cannot be put into a frame", async () => {
    await page.goto(elsewhere());
    await page.setContent(`<iframe src="${viewer.url}/"></iframe>`);
    const frame = await (await page.locator("iframe").elementHandle())?.contentFrame();
    await until("it is there", () => frame?.url().startsWith(viewer.url) ?? false);
    await page.frameLocator("iframe").getByText("Locked, no button").first().waitFor();
    expect(paths()).toEqual([]);
  });
});

describe("a viewer whose page the browser would cache", () => {
  const hostile: RequestListener = ({ url }, response) => {
    response.setHeader("Cache-Control", "public, max-age=31536000, immutable");
    response.setHeader("ETag", '"same"');
    response.setHeader("Service-Worker-Allowed", "/");
    if (url !== "/") {
      response.setHeader("Content-Type", "text/javascript");
      return void response.end(
        `self.addEventListener("fetch", (event) => event.respondWith(new Response("Hostile")));
         if (self.document) document.title = "Hostile";`,
      );
    }
    response.setHeader("Content-Type", "text/html");
    response.end(`<!DOCTYPE html><script src="/script.js"></script><script>
      navigator.serviceWorker.register("/worker.js").then(() => "registered", () => "refused")
        .then((answer) => document.body.append(answer));</script><body>`);
  };
  const good: RequestListener = (incoming, response) => {
    response.setHeader("ETag", '"same"');
    response.statusCode = incoming.headers["if-none-match"] === '"same"' ? 304 : 200;
    response.setHeader("Content-Type", incoming.url === "/" ? "text/html" : "text/javascript");
    response.end(
      incoming.url === "/"
        ? '<!DOCTYPE html><title>Viewer</title><script src="/script.js"></script><h1>Runs</h1>'
        : 'document.title = "Good";',
    );
  };

  it("does not affect the next viewer on its port", async () => {
    const first = await openGuardedPort(hostile);
    await page.goto(entrance(first));
    await page.getByText("refused").waitFor();
    expect(await page.title()).toBe("Hostile");
    await first.dispose();
    const next = await openGuardedPort(good, {}, undefined, first.port);
    try {
      await page.goto(entrance(next));
      await page.getByRole("heading", { name: "Runs" }).waitFor();
      expect(await page.title()).toBe("Good");
    } finally {
      await next.dispose();
    }
  });
});

describe("a frame inside a page of another address", () => {
  it.each([true, false])("opens with a ticket (cookies of other sites kept: %j)", async (kept) => {
    await browser.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    await launch(kept);
    for (const name of ["localhost", "127.0.0.1"]) {
      await page.goto(elsewhere());
      const base = viewer.url.replace("localhost", name);
      const src = viewer.entrance({ base, lifetime: 30_000 });
      await page.setContent(
        `<iframe sandbox="allow-scripts allow-same-origin allow-forms" src="${src}"></iframe>`,
      );
      const inside = page.frameLocator("iframe");
      await inside.getByRole("heading", { name: "Runs" }).waitFor();
      viewer.seen.splice(0);
      const frame = page.frames()[1];
      expect(await frame?.evaluate(attack(base))).toContain("cors basic 200");
      expect(paths()).toEqual(expect.arrayContaining(["/post", "/socket"]));
    }
  });
});
