import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Frame } from "playwright-core";
import { describe, expect } from "vitest";
import { until } from "../support/until.js";
import { violationsIn } from "../support/vscode/axe.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { inOtherThemes } from "../support/vscode/picturesInThemes.js";
import type { Window } from "../support/vscode/window.js";
import { windowTest, windowVersions } from "../support/vscode/windowTest.js";

/** Milliseconds. */
const limit = 120_000;

/** The table of the sample runs, in a real window. The tests build on one another, as a person's steps do. */
describe.each(windowVersions)("the run table in the %s VS Code", { timeout: limit }, (version) => {
  let page: Frame;
  const it = windowTest({ version, prepare: ({ window }) => window.showSideBar("Runicorn Remote") });

  const rows = () => page.locator(".body .row.run");
  const count = () => page.locator(".toolbar .count");
  const filter = () => page.locator(".filter input");
  const untilCount = (text: string | RegExp): Promise<void> =>
    count().filter({ hasText: text }).first().waitFor();
  /** The texts of a column, by its title, as they stand below each other. */
  const column = async (title: string): Promise<readonly string[]> => {
    const found: readonly (readonly [number, string])[] = await page.evaluate(`(() => {
      const head = [...document.querySelectorAll(".head .cell")].find((one) => one.querySelector(".words").firstChild.textContent === ${JSON.stringify(title)});
      if (!head) return [];
      const place = head.getAttribute("aria-colindex");
      return [...document.querySelectorAll(".body .row.run")].map((row) => [
        Number(row.getAttribute("aria-rowindex")), row.querySelector('[aria-colindex="' + place + '"]')?.innerText ?? ""]);
    })()`);
    return [...found].sort(([a], [b]) => a - b).map(([, text]) => text);
  };
  const openTable = async (window: Window): Promise<void> => {
    await window.command("Runicorn: Open Run Table");
    page = await window.panelText("Columns…");
  };

  it("is empty at first, and offers what fills it", async ({ stage, window, press }) => {
    await openTable(window);
    await page.getByText("No runs are on this machine yet.").waitFor();
    expect(await violationsIn(page)).toEqual([]);
    await page.locator("vscode-button", { hasText: "Sync Runs…" }).click();
    await window.waitForQuickInput("Connect to Host");
    await window.pick("gpu");
    await mainJob.trustHostKey(window);
    await window.waitForQuickInput("Storage root");
    await press("Enter");
    await window.waitForQuickInput("Sync mode");
    await window.pick("Mirror");
    await window.pick("Start Mirror");
    await untilCount(/^\d+ runs$/);
    await until("values are read", async () => (await column("Run")).length > 3);
    await stage.picture("run-table");
  });

  it("is sorted by its headings, with the mouse and with keys", async ({ press }) => {
    await page.locator(".head .cell", { hasText: "Run" }).first().click();
    await until("names go up", async () => {
      const names = await column("Run");
      return (
        names.length > 3 &&
        [...names].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)).join() === names.join()
      );
    });
    await page.locator('.head [aria-sort="ascending"]').waitFor();
    const before = (await column("Run")).toReversed();
    await page.locator(".grid").focus();
    await press("Control+Home", "ArrowUp");
    const head = page.locator(".head .active");
    await until("the heading is the active cell", async () => (await head.count()) === 1);
    await press("ArrowRight", "Enter");
    await page.locator('.head [aria-sort="descending"]').waitFor();
    await until("names go down", async () => (await column("Run")).join() === before.join());
  });

  it("shows the runs that a line chooses, says what is wrong with it, and helps to write it", async ({
    stage,
    window,
    press,
  }) => {
    await filter().fill("status:finished nonsense < 3");
    await page.getByText("No column is called nonsense.").waitFor();
    expect(await page.locator(".filter .wrong").innerText()).toBe("nonsense");
    await filter().fill("");
    await filter().click();
    await window.page.keyboard.type("sta");
    await page.locator(".completions li", { hasText: /^status/ }).waitFor();
    await press("ArrowDown", "Enter");
    await until("it is taken", async () => (await filter().inputValue()) === "status ");
    await window.page.keyboard.type(":");
    await page.locator(".completions li", { hasText: "finished" }).waitFor();
    await stage.picture("run-table-completion");
    await press("ArrowDown", "Enter");
    await until("a value is taken", async () => /^status ?:\w+ $/.test(await filter().inputValue()));
    await press("Escape");
    await untilCount(/ of /);
    await filter().fill("name~nothing");
    await page.getByText("No run matches the filter.").waitFor();
    await page.locator("vscode-button", { hasText: "Clear Filter" }).click();
    await untilCount(/^\d+ runs$/);
  });

  it("lets runs be selected, copied, compared and opened, and shows their charts", async ({
    stage,
    clipboard,
    press,
  }) => {
    const { window } = stage;
    await press("F6");
    await press("Control+Home", " ", "Shift+ArrowDown");
    await page.getByText("2 selected").waitFor();
    await page.locator("vscode-button", { hasText: "Copy as CSV" }).click();
    await until("two runs are copied", async () => (await clipboard()).split("\r\n").length === 4);
    expect(await clipboard()).toMatch(/^Status,Run,/);
    await page.locator("vscode-button", { hasText: "Copy as Markdown" }).click();
    await until("a table is copied", async () => (await clipboard()).startsWith("| Status | Run |"));
    await page.locator("vscode-button", { hasText: "Compare" }).click();
    await window.page.locator(".tab.active", { hasText: "Compare 2 runs" }).waitFor();
    await window.page.locator(".tab", { hasText: "Run Table" }).click();
    const chosen = (await column("Run")).slice(0, 2);
    await page.getByRole("button", { name: "Open", exact: true }).click();
    for (const one of chosen) await window.page.locator(".tab", { hasText: one }).waitFor();
    await window.page.locator(".tab", { hasText: "Run Table" }).click();
    await page.locator("vscode-button", { hasText: "Open in Viewer" }).click();
    await window.notification("The viewer shows one run at a time").waitFor();
    await page.locator(".grid").focus();
    await press("Control+a");
    await page.getByText(/^[3-9]\d* selected|^\d\d+ selected/).waitFor();
    await page.getByRole("button", { name: "Open", exact: true }).click();
    await window.dialog(" tabs?").waitFor();
    await stage.picture("run-table-many-tabs");
    await window.page.keyboard.press("Escape");
    await page.locator(".grid").focus();
    await press("Escape");
    await page.locator(".selection").waitFor({ state: "hidden" });
    await rows().first().click();
    await page.locator("vscode-button", { hasText: "Charts" }).click();
    await window.page.locator(".tab.active", { hasText: "Charts of" }).waitFor();
    await window.page.locator(".tab", { hasText: "Run Table" }).click();
    const [name = ""] = await column("Run");
    await page.locator(".grid").focus();
    await press("Control+Home", "Enter");
    await window.page.locator(".tab.active", { hasText: name }).waitFor();
    await window.page.locator(".tab", { hasText: "Run Table" }).click();
  });

  it("groups runs by a column, and hides the rows of a group", async ({ stage, press }) => {
    await page.locator("vscode-button", { hasText: "Group By…" }).click();
    await page.locator(".picker input[type=search]").fill("status");
    await page.locator(".picker label", { hasText: "Status" }).click();
    await press("Escape");
    await page.locator(".row.group").first().waitFor();
    const before = await rows().count();
    await page.locator(".grid").focus();
    await press("Control+Home", "ArrowLeft");
    await page.locator('.row.group[aria-expanded="false"]').waitFor();
    await until("rows are hidden", async () => (await rows().count()) < before);
    await stage.picture("run-table-groups");
    await press("ArrowRight");
    await page.locator('.row.group[aria-expanded="false"]').waitFor({ state: "detached" });
  });

  it("lets columns be chosen, moved, resized, pinned and hidden with keys", async ({ stage, press }) => {
    const titles = (): Promise<readonly string[]> =>
      page.evaluate(
        '[...document.querySelectorAll(".head .words")].map((one) => one.firstChild.textContent)',
      );
    const before = await titles();
    await page.locator(".grid").focus();
    await press("Control+Home", "ArrowUp", "End");
    await press("Alt+ArrowLeft");
    await until("it is moved", async () => (await titles()).join() !== before.join());
    const box = async (): Promise<number> => (await page.locator(".head .active").boundingBox())?.width ?? 0;
    const width = await box();
    await press("Shift+ArrowRight");
    await until("it is wider", async () => (await box()) > width);
    await press("Delete");
    await until("it is hidden", async () => (await titles()).length === before.length - 1);
    await page.locator("vscode-button", { hasText: "Columns…" }).click();
    await page.locator(".picker input[type=search]").fill("run id");
    await page.locator(".picker label", { hasText: "Run ID" }).click();
    await until("it is shown", async () => (await titles()).includes("Run ID"));
    await stage.picture("run-table-columns");
    await press("Escape");
    await page.locator(".picker").waitFor({ state: "detached" });
    await page.locator(".grid").focus();
    await press("Control+Home", "ArrowUp", "Shift+F10");
    await page.getByRole("menuitem", { name: "Hide Column" }).waitFor();
    await press("Escape");
    await page.getByRole("menu").waitFor({ state: "detached" });
  });

  it("is accessible in all colours", async ({ stage, window }) => {
    const found = [...(await violationsIn(page))];
    await inOtherThemes(window, async (colours) => {
      found.push(...(await violationsIn(page)));
      await stage.picture(`run-table-${colours}`);
    });
    expect(found).toEqual([]);
  });

  it("follows a run that changes, and announces new ones without moving what is read", async ({
    host,
    press,
  }) => {
    await page.locator("vscode-button", { hasText: "Group By…" }).click();
    await page.locator("vscode-button", { hasText: "No Groups" }).click();
    await press("Escape");
    await page.locator(".row.group").first().waitFor({ state: "detached" });
    await rows().nth(2).click();
    await page.getByText("1 selected").waitFor();
    const before = await column("Run");
    const group = join(host.root, "runs", "vision", "resnet50-cifar10");
    const [id = ""] = await readdir(group);
    const status = join(group, id, "status.json");
    const told = JSON.parse(await readFile(status, "utf8")) as object;
    await writeFile(status, JSON.stringify({ ...told, status: "interrupted" }));
    await until(
      "the changed run is shown",
      async () => (await column("Status")).includes("interrupted"),
      30_000,
    );
    expect(await column("Run")).toEqual(before);
  });

  it("shows the runs of an item that it is opened on", async ({ window }) => {
    await window.chooseOnTreeItem("Runs", /^runs . gpu/, "Open Run Table");
    await until("the filter is there", async () =>
      (await filter().inputValue()).startsWith("host:gpu root:"),
    );
    await untilCount(/^\d+ runs$/);
  });

  it("is there again after a reload, as it was", async ({ window }) => {
    await filter().fill("status:finished");
    await untilCount(/ of /);
    await window.untilSaved();
    await window.reload();
    page = await window.panelText(" of ");
    expect(await filter().inputValue()).toBe("status:finished");
    await page.locator(".head .words", { hasText: "Run ID" }).waitFor();
  });
});
