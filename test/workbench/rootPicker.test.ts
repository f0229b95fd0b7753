import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect } from "vitest";
import { viewersIn } from "../support/processes.js";
import { until } from "../support/until.js";
import * as mainJob from "../support/vscode/mainJob.js";
import type { Window } from "../support/vscode/window.js";
import { windowTest } from "../support/vscode/windowTest.js";

/** The question for a storage root, by the keyboard alone. The tests build on one another. */
describe("the storage root of a viewer", () => {
  /** A root that no configuration names. */
  let other: string;
  /** A folder with 10,000 others. */
  let many: string;
  afterAll(() => rm(many, { recursive: true }));
  const it = windowTest({
    version: "newest",
    prepare: async ({ window, host }) => {
      other = join(host.home, "lab", "other");
      await mkdir(join(other, "runs", "project", "first", "1"), { recursive: true });
      await mkdir(join(other, "archive"));
      await writeFile(join(other, "runs", "project", "first", "1", "meta.json"), "{}");
      const hostile = ["\u202egnp.exe", "line\nbreak", "$(trash) icon", "<b>bold<b>", "[a](command:x)"];
      for (const name of hostile) await mkdir(join(host.home, "names", name), { recursive: true });
      await mkdir(Buffer.concat([Buffer.from(`${join(host.home, "names")}/bytes-`), Buffer.from([0xff])]));
      // Elsewhere: a home with so many folders is not searched to its end.
      many = await mkdtemp(join(tmpdir(), "many-"));
      for (let at = 0; at < 10_000; at += 1) await mkdir(join(many, `f${String(at).padStart(5, "0")}`));
      await mainJob.openFirstViewer(window, "gpu");
    },
  });

  const write = (window: Window, text: string): Promise<void> => window.quickInputBox.fill(text);
  /** The row that Enter is for, once it is this one. */
  const isActive = (window: Window, text: string): Promise<void> =>
    window.quickInput
      .locator(".monaco-list-row.focused", {
        has: window.page.locator(".label-name", { hasText: text }),
      })
      .waitFor();
  /** Until the search is over: new rows that come together with an arrow key undo it. */
  const ask = async (window: Window): Promise<void> => {
    await window.command("Runicorn: Open Viewer With…");
    await mainJob.waitForEnvironments(window, "train");
    await window.pick("train");
    await window.waitForQuickInput("Storage root on gpu");
    await window.row(other).waitFor();
  };
  const shownText = (window: Window): Promise<string> => window.quickInput.innerText();

  it("is one that was used, that is configured or that is found while the question is open", async ({
    stage,
    press,
  }) => {
    const { window, host } = stage;
    await ask(window);
    await isActive(window, host.root);
    const rows = await shownText(window);
    expect(rows).toMatch(/used last time · from Runicorn's settings/);
    expect(rows).toContain("1 run");
    // What is active stays so while others are found.
    await isActive(window, host.root);
    await stage.picture("root-picker");
    await window.quickInput.locator(".quick-input-left-action-bar .action-label").click();
    await mainJob.waitForEnvironments(window, "train");
    await press("Escape");
    await window.quickInput.waitFor({ state: "hidden" });
  });

  it("is browsed to one level at a time, with a part of a name, and hostile names are shown for what they are", async ({
    stage,
    press,
  }) => {
    const { window, host } = stage;
    await ask(window);
    await isActive(window, host.root);
    await press("ArrowDown");
    await isActive(window, "Browse…");
    await press("Enter");
    await window.waitForQuickInput(`Folders on gpu: ${host.home}`);
    await isActive(window, "Use This Folder");
    await window.row("runs").waitFor();
    await window.quickInput.getByText("storage root of Runicorn").waitFor();
    await stage.picture("root-picker-folders");
    await write(window, "names");
    await isActive(window, "names");
    await press("Enter");
    await window.waitForQuickInput(`Folders on gpu: ${host.home}/names`);
    await isActive(window, "Use This Folder");
    expect(await window.quickInputBox.inputValue()).toBe("");
    const text = await shownText(window);
    for (const shown of ["\\u{202e}gnp.exe", "line\\x0abreak", "$(trash) icon", "<b>bold<b>", "bytes-\\xff"])
      expect(text).toContain(shown);
    await stage.picture("root-picker-hostile");
    await press("ArrowDown");
    await isActive(window, "..");
    await press("Enter");
    await window.waitForQuickInput(new RegExp(`Folders on gpu: ${host.home}$`));
    await isActive(window, "names");
    await window.quickInput.getByText("storage root of Runicorn").waitFor();
    await write(window, many);
    await isActive(window, many);
    await press("ArrowDown");
    await press("Enter");
    await window.row("f00001").waitFor();
    await write(window, "f09999");
    await isActive(window, "f09999");
    await stage.picture("root-picker-many");
    await window.quickInput.locator(".quick-input-left-action-bar .action-label").click();
    await window.waitForQuickInput("Storage root on gpu");
    await press("Escape");
  });

  it("is written, and what is wrong with it is said there, before anything is created", async ({
    stage,
    press,
  }) => {
    const { window, host } = stage;
    const missing = join(host.home, "new");
    await ask(window);
    await isActive(window, host.root);
    await write(window, "/etc/passwd");
    await press("Enter");
    await window.row("/etc/passwd is not a folder").waitFor();
    await stage.picture("root-picker-problem");
    await write(window, missing);
    await press("Enter");
    await isActive(window, "Choose Another");
    expect(await window.quickInputBox.getAttribute("placeholder")).toContain(`${missing} does not exist`);
    await stage.picture("root-picker-missing");
    expect(await window.notification("does not exist").count()).toBe(0);
    expect(existsSync(missing)).toBe(false);
    await press("Enter");
    await isActive(window, missing);
    expect(await window.quickInputBox.inputValue()).toBe(missing);
    await press("Escape");
    expect(existsSync(missing)).toBe(false);
  });

  it("is what was browsed to, and the next time it is offered first", async ({ window, host, press }) => {
    await ask(window);
    await isActive(window, host.root);
    await write(window, "~/lab");
    await isActive(window, "~/lab");
    await press("ArrowDown");
    await isActive(window, "Browse…");
    await press("Enter");
    await window.waitForQuickInput(`Folders on gpu: ${host.home}/lab`);
    await isActive(window, "Use This Folder");
    await window.quickInput.getByText("storage root of Runicorn, 1 run").waitFor();
    await write(window, "other");
    await isActive(window, "other");
    await press("Enter");
    await window.waitForQuickInput(`Folders on gpu: ${other}`);
    await isActive(window, "Use This Folder");
    await press("Enter");
    await window.treeItem("Connections", /^other\s*running/).waitFor();
    expect((await viewersIn(host.home)).length).toBeGreaterThan(0);
    await ask(window);
    await isActive(window, other);
    await window.row(host.root).waitFor();
    await press("Escape");
    await until("it is closed", async () => !(await window.quickInput.isVisible()));
  });
});
