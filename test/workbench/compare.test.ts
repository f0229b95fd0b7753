import { join } from "node:path";
import type { Frame } from "playwright-core";
import { describe, expect } from "vitest";
import { makeCodeRuns } from "../support/runicorn/codeRuns.js";
import { until } from "../support/until.js";
import { violationsIn, violationsInThemes } from "../support/vscode/axe.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { picturesInThemes } from "../support/vscode/picturesInThemes.js";
import type { Window } from "../support/vscode/window.js";
import { windowTest, windowVersions } from "../support/vscode/windowTest.js";

/** What is copied of the row of the parameter `decay`. */
const copyOfDecay = `(() => {
  const rows = [...document.querySelectorAll(".values tr")];
  const row = rows.find((one) => one.querySelector("th").textContent.endsWith("decay"));
  getSelection().selectAllChildren(row);
  const event = new ClipboardEvent("copy", { clipboardData: new DataTransfer(), bubbles: true });
  row.dispatchEvent(event);
  return event.clipboardData.getData("text/plain");
})()`;

/** Two real runs side by side. The tests build on one another, as a person's steps do. */
describe.each(windowVersions)("two runs in the %s VS Code", (version) => {
  const it = windowTest({
    version,
    prepare: async (stage) => {
      const { window, host } = stage;
      await makeCodeRuns(host.root, join(host.home, "venvs", "train"), host.home);
      await mainJob.copyRuns(stage, "Smart");
      await window.treeItem("Runs", "one way").waitFor();
    },
  });

  const thePage = (window: Window): Promise<Frame> => window.panelText("Compared with the baseline");
  const names = async (page: Frame): Promise<readonly string[]> =>
    page.locator('.values th[scope="row"]').allInnerTexts();
  const changes = async (page: Frame): Promise<readonly string[]> =>
    page.locator(".changes li").allInnerTexts();

  it("that differ in one parameter and one line of code show exactly those two", async ({ stage }) => {
    const { window } = stage;
    await window.selectTreeItems("Runs", ["one way", "another way"]);
    await window.chooseOnTreeItem("Runs", "another way", "Compare Runs");
    const page = await thePage(window);
    await page.locator(".changes li").first().waitFor();
    expect(await names(page)).toEqual([expect.stringMatching(/(^|\.)lr$/)]);
    expect((await changes(page)).map((text) => text.replace(/\s+/g, " "))).toEqual(["model/net.py changed"]);
    const cells = await page.locator(".values tbody td").allInnerTexts();
    expect(cells.map((text) => text.replace(/\s+/g, " ").trim()).sort()).toEqual(
      expect.arrayContaining([expect.stringMatching(/^0\.(1|01)$/)]),
    );
    await page.locator("canvas").first().waitFor();
    await picturesInThemes(stage, "compare");
    expect.soft(await violationsInThemes(window, page)).toEqual([]);
  });

  it("are compared in VS Code's own editor, line by line", async ({ stage, window }) => {
    const page = await thePage(window);
    await page.locator(".changes .link").first().focus();
    await window.page.keyboard.press("Enter");
    await window.page.locator(".tab.active", { hasText: "net.py (" }).waitFor();
    await window.page.locator(".view-line", { hasText: /relu/ }).first().waitFor();
    await window.page.locator(".view-line", { hasText: /gelu/ }).first().waitFor();
    await stage.picture("compare-code");
    await window.command("View: Close Editor");
  });

  it("have a baseline that is chosen by the keyboard, and differences in per cent", async ({ window }) => {
    const page = await thePage(window);
    const column = page.locator("[data-baseline]");
    const second = column.nth(1);
    const label = await second.innerText();
    await second.focus();
    await window.page.keyboard.press("Enter");
    await page.locator('[data-baseline="1"][aria-pressed="true"]').waitFor();
    const other = page.locator('.values td[data-run="0"] .percent').first();
    await until("it is told in per cent", async () => /^(\+900|−90\.0) %$/.test(await other.innerText()));
    expect(await page.locator("select").first().locator("option:checked").innerText()).toBe(label);
    expect(await page.evaluate("document.activeElement.dataset.baseline")).toBe("1");
  });

  it("show everything on demand, and light up in the charts where their column is pointed at", async ({
    stage,
    window,
  }) => {
    const page = await thePage(window);
    const few = (await names(page)).length;
    await page.locator("vscode-button", { hasText: "Show All Values" }).focus();
    await window.page.keyboard.press("Enter");
    await until("all is shown", async () => (await names(page)).length > 5);
    expect(await page.evaluate("document.activeElement.className")).toBe("scroll");
    await page.locator("vscode-checkbox").click();
    await until("what differs is shown", async () => (await names(page)).length === few);
    await page.locator("vscode-checkbox").click();
    await until("all is shown again", async () => (await names(page)).length > 5);
    expect((await names(page)).some((name) => name.endsWith("epochs"))).toBe(true);
    expect.soft(await violationsIn(page)).toEqual([]);
    await stage.picture("compare-all");
    await page.locator('.values td[data-run="0"]').first().hover();
    await page.locator(".highlighted").first().waitFor({ state: "attached" });
  });

  it("have short numbers, which are told and copied in full", async ({ window }) => {
    const page = await thePage(window);
    const row = page.locator("tr", { has: page.locator('th[scope="row"]', { hasText: /(^|\.)decay$/ }) });
    expect(await row.locator(".value").allInnerTexts()).toEqual(["0.33333", "0.33333"]);
    expect(await row.locator(".value").first().getAttribute("title")).toBe(String(1 / 3));
    const copied = await page.evaluate<string>(copyOfDecay);
    expect(copied.split("\t").slice(1)).toEqual([String(1 / 3), String(1 / 3)]);
  });

  it("are compared again after a reload, as they were looked at", async ({ window }) => {
    await window.untilSaved();
    await window.reload();
    const page = await thePage(window);
    await page.locator('[data-baseline="1"][aria-pressed="true"]').waitFor();
    expect((await names(page)).length).toBeGreaterThan(5);
  });
});
