import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Frame } from "playwright-core";
import { describe, expect } from "vitest";
import { pointsOf, readPng } from "../support/png.js";
import { sweepRuns } from "../support/runicorn/sweepRuns.js";
import { until } from "../support/until.js";
import { violationsInThemes } from "../support/vscode/axe.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { picturesInThemes } from "../support/vscode/picturesInThemes.js";
import type { Stage } from "../support/vscode/stage.js";
import type { Window } from "../support/vscode/window.js";
import { windowTest, windowVersions } from "../support/vscode/windowTest.js";

/** The tests build on one another. `MATRIX=full`: in the oldest VS Code too. */
describe.each(windowVersions)("the charts of a sweep in the %s VS Code", (version) => {
  const it = windowTest({
    version,
    moreRuns: ({ root, home }) => sweepRuns(root, join(home, "venvs", "train"), home),
    prepare: async (stage) => {
      const { window } = stage;
      await mainJob.copyRuns(stage, "Smart");
      await filter(window, "lr-search");
      await window.showRunCharts("sweep/lr-search");
    },
  });

  const filter = async (window: Window, text: string): Promise<void> => {
    await window.command("Runicorn: Filter Runs…");
    await window.type(text, "Filter Runs");
  };
  const chartOf = (page: Frame, metric: string) => page.locator(`section.chart[data-metric='${metric}']`);
  const ready = async (window: Window): Promise<Frame> => {
    const page = await window.panelText("val_loss");
    await page.locator("section canvas").first().waitFor();
    return page;
  };
  /** Saves where VS Code offers to. @returns what is in the file, which is there no longer. */
  const save = async ({ window, workspace }: Stage, file: string): Promise<Buffer> => {
    const path = join(workspace, file);
    await until("a name is offered", async () => (await window.quickInputBox.inputValue()) === path);
    // The box takes no answer while it looks at the folder.
    await until("it is saved", async () => {
      if (await window.quickInput.isVisible()) await window.page.keyboard.press("Enter");
      return window
        .notification(`Saved as ${path}.`)
        .waitFor({ timeout: 3_000 })
        .then(
          () => true,
          () => false,
        );
    });
    const bytes = await readFile(path);
    await rm(path);
    await window.command("Notifications: Clear All Notifications");
    await window.notification("Saved as").waitFor({ state: "hidden" });
    return bytes;
  };

  it("draw all thirty, the lowest losses in colour", async ({ window }) => {
    const page = await ready(window);
    await chartOf(page, "val_loss").getByText("900 values").waitFor();
    const items = page.locator(".legend li");
    await until("all are listed", async () => (await items.count()) === 30);
    await page.getByText("30 of 30 shown. In color: the 10 lowest val_loss").waitFor();
    expect(await items.first().getAttribute("data-run")).toBe("trial-17");
    expect(await page.locator(".legend li:not(.pale)").count()).toBe(10);
    expect(await page.locator(".legend li.pale").count()).toBe(20);
  });

  it("show, hide and single out lines, and their values where the pointer is", async ({ window }) => {
    const page = await ready(window);
    const first = page.locator(".legend li").first();
    await first.locator("input").uncheck();
    await page.getByText("29 of 30 shown").waitFor();
    await first.locator("input").check();
    await first.locator(".name").click({ modifiers: ["Alt"] });
    await page.getByText("1 of 30 shown").waitFor();
    await page.getByRole("button", { name: "Show All" }).click();
    await page.getByText("30 of 30 shown").waitFor();
    await chartOf(page, "val_loss").locator(".u-over").hover();
    await page.locator(".value-title", { hasText: /^val_loss at Step / }).waitFor();
    await first.locator(".name").focus();
    await page.locator(".legend li.highlighted").waitFor();
    await window.page.keyboard.press("s");
    await page.getByText("1 of 30 shown").waitFor();
    await window.page.keyboard.press("s");
    await page.getByText("30 of 30 shown").waitFor();
    const pale = page.locator(".legend li.pale").first();
    const name = (await pale.getAttribute("data-run"))!;
    await pale.locator(".name").click();
    await page.locator(`.legend li[data-run="${name}"]:not(.pale)`).waitFor();
    await page.locator(`.legend li[data-run="${name}"] .name`).click();
  });

  it("zoom together, and all come back with one press", async ({ window }) => {
    const page = await ready(window);
    const { keyboard } = window.page;
    await chartOf(page, "val_loss").locator(".plot").focus();
    await keyboard.press("+");
    await page.getByRole("button", { name: "Reset Zoom" }).waitFor();
    await window.command("Runicorn: Reset Zoom of Charts");
    await page.getByRole("button", { name: "Reset Zoom" }).waitFor({ state: "hidden" });
  });

  it("stand in sections, of which one can be closed, and are pinned and searched by words", async ({
    window,
  }) => {
    const page = await ready(window);
    const section = page.locator(".section-title", { hasText: "layer_00" });
    await section.scrollIntoViewIfNeeded();
    await section.click();
    await chartOf(page, "layer_00/grad").waitFor({ state: "hidden" });
    await section.click();
    await page.locator('input[type="search"]').fill("grad 01");
    await chartOf(page, "val_loss").waitFor({ state: "detached" });
    expect(await page.locator("section.chart").count()).toBe(1);
    await page.getByRole("button", { name: "Actions of layer_01/grad" }).click();
    await page.getByRole("menuitem", { name: "Pin" }).click();
    await page.locator(".section-title", { hasText: "Pinned" }).waitFor();
    await page.locator('input[type="search"]').fill("");
  });

  it("are drawn as means of groups", async ({ stage, window }) => {
    const page = await ready(window);
    await page.getByLabel("Group by").selectOption({ label: "Status" });
    await until("one line is left", async () => (await page.locator(".legend li").count()) === 1);
    await page.locator(".legend li", { hasText: "finished 30" }).waitFor();
    await page.getByLabel("Band").selectOption({ label: "Standard deviation" });
    await stage.picture("charts-groups");
    await page.getByLabel("Group by").selectOption({ label: "No groups" });
    await until("all are listed", async () => (await page.locator(".legend li").count()) === 30);
  });

  it("are saved as pictures, with twice as many pixels and the colours of their lines", async ({ stage }) => {
    const { window } = stage;
    const page = await ready(window);
    await page.locator('input[type="search"]').fill("val_loss");
    await window.command("Runicorn: Save Charts as PNG…");
    const inTheme = readPng(await save(stage, "charts.png"));
    // One plot, its title and eleven lines of a legend.
    expect([inTheme.width, inTheme.height]).toEqual([(640 + 2 * 16) * 2, (320 + 28 + 3 * 16 + 11 * 18) * 2]);
    const best = await page.evaluate<string>(
      "getComputedStyle(document.querySelector('.legend .swatch')).borderTopColor",
    );
    const [red = 0, green = 0, blue = 0] = best.match(/\d+/g)?.map(Number) ?? [];
    expect(pointsOf(inTheme, [red, green, blue]), best).toBeGreaterThan(100);
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByRole("menuitemcheckbox", { name: "White Background" }).click();
    await window.command("Runicorn: Save Charts as PNG…");
    const onWhite = readPng(await save(stage, "charts.png"));
    expect(pointsOf(onWhite, [255, 255, 255])).toBeGreaterThan(onWhite.width * onWhite.height * 0.5);
    for (const color of [
      [0x1a, 0x6f, 0xd4],
      [0x2d, 0x7d, 0x32],
      [0x7b, 0x3f, 0xa8],
      [0x9a, 0x67, 0x00],
      [0xc6, 0x28, 0x28],
    ] as const)
      expect(pointsOf(onWhite, color), String(color)).toBeGreaterThan(20);
    await window.command("Runicorn: Copy Charts as PNG");
    await page.getByText("Copied.").waitFor();
    const kinds = await window.page.evaluate<readonly string[]>(
      "navigator.clipboard.read().then((items) => items.flatMap(({ types }) => types))",
    );
    expect(kinds).toContain("image/png");
  });

  it("are saved as CSV, value by value as Runicorn wrote them", async ({ stage, window, host }) => {
    await window.command("View: Close All Editors");
    await filter(window, "not-finite");
    await window.showRunCharts("not finite");
    const page = await ready(window);
    await chartOf(page, "val_loss").getByText("1000 values").waitFor();
    await window.command("Runicorn: Save Chart Data as CSV…");
    const lines = (await save(stage, "not-finite.csv")).toString("utf8").trimEnd().split("\r\n");
    const folder = join(host.root, "runs", "odd", "not-finite");
    const [id = ""] = await readdir(folder);
    const events = (await readFile(join(folder, id, "events.jsonl"), "utf8")).trimEnd().split("\n");
    const expected = events.flatMap((line) => {
      const step = /"global_step": (\d+)/.exec(line)?.[1];
      const time = /"time": ([\d.e+-]+)/.exec(line)?.[1];
      const values = [...line.matchAll(/"(val_loss|only, \\"here\\")": ([^,}]+)/g)];
      return values.map(([, metric, value]) => [metric!.replaceAll("\\", ""), step, time, value] as const);
    });
    expect(lines[0]).toBe("run,run_id,metric,step,time,value");
    expect(lines.length - 1).toBe(expected.length);
    expect(lines.length - 1).toBe(2_000);
    lines.slice(1).forEach((line, index) => {
      const [metric, step, time, value] = expected[index]!;
      const name = metric.includes('"') ? `"${metric.replaceAll('"', '""')}"` : metric;
      const start = `not finite,${id},${name},`;
      expect(line.startsWith(start), line).toBe(true);
      const numbers = line.slice(start.length).split(",");
      expect(numbers.map(String).map(Number)).toEqual([step, time, value].map(Number));
      if (/NaN|Infinity/.test(value!)) expect(numbers[2]).toBe(value);
    });
    await until(
      "they are copied",
      async () => {
        await window.command("Runicorn: Copy Chart Data as CSV");
        return window
          .notification("2000 values copied as CSV.")
          .waitFor({ timeout: 8_000 })
          .then(
            () => true,
            () => false,
          );
      },
      60_000,
    );
  });

  it("mark where a value is no number", async ({ stage, window }) => {
    const page = await ready(window);
    const mark = page.locator(".mark[data-metric='val_loss'][data-step='812'][data-kind='NaN']");
    await mark.waitFor({ state: "attached" });
    expect(await mark.getAttribute("title")).toBe("not finite: NaN at step 812");
    await page.locator(".mark[data-step='900'][data-kind='Infinity']").waitFor({ state: "attached" });
    await chartOf(page, "val_loss").getByText("not finite: NaN at step 812, 1 more").waitFor();
    await stage.picture("charts-marks");
  });

  it("show what a resumed run logged anew when they are asked to", async ({ stage, window }) => {
    await window.command("View: Close All Editors");
    await filter(window, "odd/resumed");
    await window.showRunCharts("resumed");
    const page = await ready(window);
    await page.getByLabel("Replaced values").check();
    await page.locator(".caption[data-replaced='1']").waitFor();
    await page.getByLabel("Smoothing").fill("0.6");
    await stage.picture("charts-resumed");
    await page.locator("select").first().selectOption({ label: "Wall time" });
    await stage.picture("charts-wall-time");
  });

  it("lead to a comparison of the best three by two clicks in the tree", async ({ stage, window }) => {
    await window.command("View: Close All Editors");
    await filter(window, "lr-search");
    await window.chooseOnTreeItem("Runs", "sweep/lr-search", "Compare the Best Three");
    const page = await window.panelText("Compare Runs");
    const names = page.locator("[data-baseline]");
    await until("three are compared", async () => (await names.count()) === 3);
    expect((await names.allInnerTexts()).map((text) => text.trim())[0]).toContain("trial-17");
    await stage.picture("charts-best-three");
  });

  it("are accessible in all colours", async ({ stage, window }) => {
    await window.command("View: Close All Editors");
    await filter(window, "lr-search");
    await window.showRunCharts("sweep/lr-search");
    const page = await ready(window);
    await chartOf(page, "val_loss").getByText("900 values").waitFor();
    await page.getByRole("button", { name: "Actions of val_loss" }).click();
    await page.getByRole("menuitem", { name: "Y Range…" }).click();
    await picturesInThemes(stage, "charts-sweep");
    expect(await violationsInThemes(window, page)).toEqual([]);
  });
});
