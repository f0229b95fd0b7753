import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApi, type TestApi } from "../support/api.js";
import { inTurn } from "../support/matrix.js";
import { type HostHome, makeHostHome } from "../support/runicorn/hostHome.js";
import { runicornVersions } from "../support/runicorn/install.js";
import { sampleRuns } from "../support/runicorn/sampleRuns.js";
import { type Sshd, startSshd } from "../support/sshd.js";
import { until } from "../support/until.js";
import { launchBrowser } from "../support/vscode/chromium.js";
import { webPage } from "./webPage.js";

/** Runicorn's own web page as a client of our API: from its first form to the last click. `npm run test:matrix`: also that of the oldest. */

let host: HostHome;
let server: Sshd;
let api: TestApi;
let profile: string;
let browser: BrowserContext;
let page: Page;
const pictures = resolve(".cache", "screenshots");

describe.each(inTurn(Object.entries(runicornVersions), 1))("of the %s Runicorn, %s,", (age, version) => {
  beforeAll(async () => {
    host = await makeHostHome();
    await sampleRuns(host.root, join(host.home, "venvs", "train"), host.home);
    server = await startSshd({ home: host.home });
    api = await startTestApi({ beside: await webPage(version) });
    profile = await mkdtemp(join(tmpdir(), "profile-"));
    browser = await launchBrowser({ profile });
    page = browser.pages()[0] as Page;
    page.setDefaultTimeout(30_000);
    await mkdir(pictures, { recursive: true });
  });
  afterAll(async () => {
    await browser.close();
    await api.dispose();
    await server.stop();
    await host.dispose();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  });

  const press = (name: string): Promise<void> => page.getByRole("button", { name }).last().click();
  const picture = (name: string): Promise<unknown> =>
    page.screenshot({ path: join(pictures, `web-page-${age}-${name}.png`) });

  describe("the web page", () => {
    it("saves a server, asks about its host key, shows its environments", async () => {
      await page.goto(`http://localhost:${api.server.port}/remote`);
      await press("Add Server");
      await page.locator("#name").fill("GPU");
      await page.locator("#host").fill("127.0.0.1");
      await page.locator("#port").fill(String(server.port));
      await page.locator("#username").fill(server.user);
      await page.locator('input[value="key"]').check();
      await page.locator("#privateKeyPath").fill(server.identityFile);
      await picture("1-server");
      await press("Connect to Server");
      await page.getByText(server.hostKey.fingerprint).first().waitFor();
      await picture("2-host-key");
      expect(api.app.connections.all).toEqual([]);
      await press("Trust and Continue");
      await page.getByText("vision/.venv", { exact: true }).waitFor();
      await page.getByText(`Runicorn ${runicornVersions.newest}`).waitFor();
      await picture("3-environments");
      expect(api.app.connections.all).toHaveLength(1);
    });

    it("confirms the configuration and saves the connection", async () => {
      await press("Continue");
      // The page compares what serves it with what the host has.
      await press("Continue Anyway");
      await page.getByText("Confirm Server Configuration").waitFor();
      await page.getByText(host.root).first().waitFor();
      await picture("4-configuration");
      await press("Save this connection");
      await page.getByText("Configuration saved").waitFor();
      const { connections } = (await api.request("GET", "/api/remote/connections/saved")).body;
      expect(connections).toMatchObject([
        { kind: "server", name: "GPU" },
        { kind: "connection", condaEnv: "train" },
      ]);
      expect((await api.app.savedConnections.list()).map(({ target }) => target.port)).toEqual([server.port]);
    });

    it("starts the viewer, opens it, stops it", async () => {
      const opened = browser.waitForEvent("page", { timeout: 60_000 });
      await page.getByText("GPU", { exact: true }).first().click();
      // The newest starts a viewer by itself when a connection was saved.
      if (version === runicornVersions.oldest) await press("Quick Start");
      await page.getByText("Running", { exact: true }).last().waitFor();
      await picture("5-running");
      // Some versions open the viewer by themselves; the button does it in any case.
      await press("Open Viewer");
      const viewer = await opened;
      // The page has no ticket for its browser: the guard asks whether the viewer is wanted.
      await viewer.getByRole("button", { name: "Open the Viewer" }).click();
      await viewer.getByText("Experiments").first().waitFor();
      await viewer.screenshot({ path: join(pictures, `web-page-${age}-6-viewer.png`) });
      expect(viewer.url()).toMatch(/^http:\/\/(localhost|127\.0\.0\.1):\d+\//);
      expect(api.app.viewers.sessions).toHaveLength(1);
      await page.bringToFront();
      await press("Stop");
      await agreeUntil("the viewer is stopped", () => api.app.viewers.sessions.length === 0);
      await page.getByText("Running", { exact: true }).waitFor({ state: "detached" });
      await picture("7-stopped");
    }, 180_000);

    it("starts it again from what was saved, and disconnects", async () => {
      await press("Quick Start");
      await page.getByText("Running", { exact: true }).last().waitFor();
      expect(api.app.viewers.sessions).toHaveLength(1);
      // The newest has one button for both.
      await press(version === runicornVersions.oldest ? "Disconnect" : "Stop");
      await agreeUntil(
        "everything is gone",
        () => api.app.connections.all.length + api.app.viewers.sessions.length === 0,
      );
      await picture("8-disconnected");
    }, 180_000);
  });
});

/** Presses what agrees in the question that follows, if one does, until all is done. */
async function agreeUntil(what: string, isDone: () => boolean): Promise<void> {
  const agree = page
    .locator(".ant-popconfirm .ant-btn-primary, .ant-popover .ant-btn-primary, .ant-modal .ant-btn-primary")
    .locator("visible=true")
    .last();
  await until(
    what,
    async () => {
      if (!isDone() && (await agree.isVisible()))
        await agree.click({ timeout: 1_000 }).catch(() => undefined);
      return isDone();
    },
    60_000,
  );
}
