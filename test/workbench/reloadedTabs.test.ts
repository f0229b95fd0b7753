import type { Frame } from "playwright-core";
import { describe, expect } from "vitest";
import { until } from "../support/until.js";
import * as mainJob from "../support/vscode/mainJob.js";
import type { Window } from "../support/vscode/window.js";
import { windowTest } from "../support/vscode/windowTest.js";

describe("tabs of ours", () => {
  const it = windowTest({
    version: "newest",
    prepare: async (stage) => {
      const { window } = stage;
      await mainJob.copyRuns(stage, "Smart");
      await window.treeItem("Runs", "resnet50-cifar10").waitFor();
    },
  });

  const showCharts = (window: Window): Promise<void> => window.showRunCharts(/resnet50-cifar10/);
  const charts = async (window: Window): Promise<Frame> => {
    const page = await window.panelText("train_loss");
    await page.locator("section canvas").first().waitFor();
    return page;
  };

  /** The pictures in a tab. */
  const iconOf = (window: Window, title: string): Promise<string> =>
    window.page.evaluate(`(() => {
      const tab = [...document.querySelectorAll(".tab")].find((one) => one.textContent.includes("${title}"));
      const images = [...tab.querySelectorAll("*")].flatMap((one) =>
        [undefined, "::before"].map((part) => getComputedStyle(one, part).backgroundImage));
      return images.join(" ");
    })()`);

  it("with charts are shown again for the same runs, and not twice", async ({ window }) => {
    await showCharts(window);
    await charts(window);
    await window.command("File: New Untitled Text File");
    await until("two tabs", async () => (await window.tabs.count()) === 2);
    await showCharts(window);
    await window.page.locator(".tab.active", { hasText: "runs" }).waitFor();
    expect(await window.tabs.count()).toBe(2);
  });

  it("with charts and a diagnosis are there again after a reload, as they were looked at", async ({
    stage,
    window,
  }) => {
    const before = await charts(window);
    await before.locator("select").first().selectOption("time");
    await before.locator('input[type="range"]').fill("0.5");
    await before.getByLabel("Log scale").check();
    await before.locator(".legend li input").first().uncheck();
    const hidden = await before.locator(".legend li").first().getAttribute("data-run");
    await before.getByRole("button", { name: "Actions of train_loss" }).click();
    await before.getByRole("menuitem", { name: "Pin" }).click();
    await before.getByRole("button", { name: "Actions of train_loss" }).click();
    await before.getByRole("menuitem", { name: "Y Range…" }).click();
    await before.getByLabel("train_loss: To").fill("3.5");
    const zoomed = before.locator("section", { hasText: "train_loss" });
    await zoomed.locator(".plot").focus();
    await window.page.keyboard.press("+");
    await before.locator(".toolbar").getByText("Reset Zoom").waitFor();
    await before.locator('input[type="search"]').fill("Train_Loss");
    await window.command("Runicorn: Diagnose Connection…");
    await window.pick("gpu");
    await window.panelText("can be used: every step passed", 60_000);
    await window.page.locator(".tab", { hasText: /runs$/ }).click();
    await window.untilSaved();
    await window.reload();
    const page = await charts(window);
    expect(await page.locator("select").first().inputValue()).toBe("time");
    expect(await page.locator('input[type="range"]').inputValue()).toBe("0.5");
    expect(await page.getByLabel("Log scale").isChecked()).toBe(true);
    expect(await page.locator(".legend li:has(input:not(:checked))").getAttribute("data-run")).toBe(hidden);
    await page.locator(".section-title", { hasText: "Pinned" }).waitFor();
    expect(await page.getByLabel("train_loss: To").inputValue()).toBe("3.5");
    expect(await page.locator('input[type="search"]').inputValue()).toBe("Train_Loss");
    await page.locator(".toolbar").getByText("Reset Zoom").waitFor();
    expect(await page.locator("section:visible").count()).toBe(1);
    await stage.picture("charts-reloaded");
    expect(await iconOf(window, "Charts of")).toMatch(/charts\.svg/);
    expect(await iconOf(window, "Diagnosis of gpu")).toMatch(/diagnosis\.svg/);
    // The empty file is not kept.
    expect(await window.tabs.count()).toBe(2);
    await window.page.locator(".tab", { hasText: "Diagnosis of gpu" }).click();
    await window.panelText("was diagnosed in an earlier window");
    await window.pressInPanel("was diagnosed in an earlier window", "Diagnose Again");
    await window.panelText("can be used: every step passed", 60_000);
  });

  it("with charts are found again by their runs after a reload", async ({ window }) => {
    await showCharts(window);
    await window.page.locator(".tab.active", { hasText: /runs$/ }).waitFor();
    expect(await window.tabs.count()).toBe(2);
  });
});
