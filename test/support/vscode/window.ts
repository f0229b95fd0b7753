import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Frame, Locator, Page } from "playwright-core";
import { until } from "../until.js";
import { runsOf } from "./commandsRun.js";

/**
 * Console noise of a VS Code without its built-in extensions, and of its webviews: they look for a page that was replaced
 * less than 200 ms after it was shown. Runicorn's page, whose viewer is ended, misses what it loads late.
 */
const expectedNoise =
  /404|vsda|Activating extension .vscode\.|authentication provider|Failed to load resource|Found unexpected null|preload CSS/;

/** Milliseconds for anything that the window does. */
const patience = 30_000;
/** The same for what comes from a host. */
const hostPatience = 60_000;

/** Milliseconds: VS Code in a browser writes down what its window shows every five seconds, and not when it is closed. */
const windowIsSaved = 6_000;

/** Drives one VS Code window as a person would: by what is on the screen. */
export class Window {
  /** Errors that the page reported, without the expected noise. */
  readonly errors: string[] = [];

  constructor(
    readonly page: Page,
    private readonly url: string,
    private readonly commandsRun: () => Promise<readonly string[]>,
  ) {
    this.page.setDefaultTimeout(patience);
    this.page.on("pageerror", (error) => {
      if (!expectedNoise.test(String(error))) this.errors.push(String(error));
    });
    this.page.on("console", (message) => {
      const isNews = message.type() === "error" && !expectedNoise.test(message.text());
      if (isNews) this.errors.push(message.text());
    });
  }

  /** Opens the window on a folder and waits until it is there. */
  async open(folder: string): Promise<void> {
    await this.page.goto(`${this.url}/?folder=${encodeURIComponent(folder)}`);
    await this.page.locator(".part.statusbar .statusbar-item").first().waitFor({ timeout: 60_000 });
  }

  /** Waits until VS Code has written down what the window shows now. */
  async untilSaved(): Promise<void> {
    await delay(windowIsSaved);
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.page.locator(".part.statusbar .statusbar-item").first().waitFor({ timeout: 60_000 });
  }

  /** Another window of the same VS Code, on another folder. */
  async openAnother(folder: string): Promise<Window> {
    const another = new Window(await this.page.context().newPage(), this.url, this.commandsRun);
    await another.open(folder);
    return another;
  }

  /** Leaves the page in order, for VS Code takes a cut connection for one that comes back. */
  async close(): Promise<void> {
    await this.page.goto("about:blank");
    await this.page.close();
  }

  /** What can be read in the window, from its input box and its messages to its views. */
  async shownText(): Promise<string> {
    const parts = [
      ".quick-input-widget:visible",
      ".monaco-dialog-box",
      ".notification-toast",
      ".monaco-menu",
      ".tabs-container",
      ".part.sidebar",
    ];
    const texts = await Promise.all(parts.map((part) => this.page.locator(part).allInnerTexts()));
    return texts.flat().join("\n---\n");
  }

  async screenshot(folder: string, name: string): Promise<void> {
    await this.page.screenshot({ path: join(folder, `${name}.png`) });
  }

  /** A line of the output that is shown. */
  outputLine(text: string): Locator {
    return this.page.locator(".part.panel .view-line", { hasText: text });
  }

  /** Goes to the first or the last line of the output; at the last one it follows what is added. */
  async scrollOutput(to: "start" | "end"): Promise<void> {
    await this.page.locator(".part.panel .monaco-editor").first().click();
    await this.page.keyboard.press(to === "start" ? "Control+Home" : "Control+End");
  }

  // The command palette, quick picks and input boxes are one widget.

  get quickInput(): Locator {
    return this.page.locator(".quick-input-widget:visible");
  }

  get quickInputBox(): Locator {
    return this.quickInput.locator(".quick-input-box input").first();
  }

  /** The row of a quick pick whose label holds this text. */
  row(label: string): Locator {
    const name = this.page.locator(".label-name", { hasText: label });
    return this.quickInput.locator(".quick-input-list .monaco-list-row").filter({ has: name }).first();
  }

  /** Waits for a quick pick or an input box with this title. */
  async waitForQuickInput(title: string | RegExp): Promise<void> {
    await this.quickInput.locator(".quick-input-title", { hasText: title }).waitFor();
  }

  async pick(label: string): Promise<void> {
    await this.row(label).click();
  }

  /** Replaces what stands in the input box and accepts it. `title`: of the box, where another may be shown until it comes. */
  async type(text: string, title?: string): Promise<void> {
    if (title !== undefined) await this.waitForQuickInput(title);
    await this.quickInputBox.fill(text);
    await this.page.keyboard.press("Enter");
  }

  /** Chooses a file in VS Code's own dialog, which writes into its box itself: first a default, later what completes a name. */
  async chooseFile(file: string): Promise<void> {
    await until("the dialog has its default", async () => (await this.quickInputBox.inputValue()) !== "");
    await until(`${file} is chosen`, async () => {
      await this.quickInputBox.fill(file);
      if ((await this.quickInputBox.inputValue()) !== file) return false;
      await this.page.keyboard.press("Enter");
      return this.quickInput.waitFor({ state: "hidden", timeout: 2_000 }).then(
        () => true,
        () => false,
      );
    });
  }

  /** Runs a command by its title in the palette. */
  async command(title: string): Promise<void> {
    const row = this.#commandRow(title);
    // Keys that are pressed while a frame has the focus go to the page in it, and a frame may take it back.
    const open = async (): Promise<void> => {
      await this.page.locator(".part.statusbar").click({ position: { x: 400, y: 8 } });
      await this.page.keyboard.press("F1");
    };
    await this.#untilListed(row, title, { open, write: (text) => this.quickInputBox.fill(text) });
    await row.click();
  }

  /** The same by the keyboard alone, and where the focus is. */
  async commandByKeys(title: string): Promise<void> {
    const row = this.#commandRow(title).and(this.page.locator(".focused"));
    const { keyboard } = this.page;
    const open = (): Promise<void> => keyboard.press("Control+Shift+P");
    await this.#untilListed(row, title, { open, write: (text) => keyboard.type(text.slice(1)) });
    await this.page.keyboard.press("Enter");
    await this.quickInput.waitFor({ state: "hidden" });
  }

  #commandRow(title: string): Locator {
    const label = this.page.locator(".label-name", { hasText: new RegExp(`^${escapeForRegExp(title)}$`) });
    return this.quickInput.locator(".monaco-list-row").filter({ has: label }).first();
  }

  /** A palette that was opened before the window knows a command does not list it later. */
  async #untilListed(
    row: Locator,
    title: string,
    by: { readonly open: () => Promise<void>; readonly write: (text: string) => Promise<void> },
  ): Promise<void> {
    const comes = (what: Locator): Promise<boolean> =>
      what.waitFor({ timeout: 3_000 }).then(
        () => true,
        () => false,
      );
    const isListed = async (): Promise<boolean> => {
      await by.open();
      if (!(await comes(this.quickInputBox))) return false;
      await by.write(`>${title}`);
      if (await comes(row)) return true;
      await this.page.keyboard.press("Escape");
      await this.quickInput.waitFor({ state: "hidden" });
      return false;
    };
    await until(`the palette lists ${title}`, isListed, 40_000);
  }

  notification(text: string | RegExp): Locator {
    return this.page.locator(".notification-toast", { hasText: text }).first();
  }

  async pressInNotification(text: string | RegExp, button: string): Promise<void> {
    await this.notification(text).locator(".monaco-button", { hasText: button }).first().click();
  }

  async answerDialog(button: string): Promise<void> {
    await this.page.locator(".monaco-dialog-box .monaco-button", { hasText: button }).first().click();
  }

  /** A click hides what is shown already, and a window that was opened anew may be showing it at that moment. */
  async showSideBar(title: string): Promise<void> {
    const shown = this.page.locator(".part.sidebar .composite.title", { hasText: title });
    const button = this.page.locator(`.activitybar .action-item:has(> [aria-label^="${title}"])`);
    await until(`the side bar shows ${title}`, async () => {
      if (await shown.isVisible()) return true;
      await button.click();
      return shown.waitFor({ timeout: 3_000 }).then(
        () => true,
        () => false,
      );
    });
  }

  /** An item of a view in the side bar. */
  treeItem(view: string, label: string | RegExp): Locator {
    const pane = this.page.locator(`.pane:has(.pane-header[aria-label^="${view}"])`);
    return pane.locator(".monaco-list-row", { hasText: label }).first();
  }

  /** Shows what is below an item. */
  async expandItem(view: string, label: string): Promise<void> {
    const item = this.treeItem(view, label);
    await until(`${label} is open`, async () => {
      if ((await item.getAttribute("aria-expanded")) === "true") return true;
      await item.locator(".monaco-tl-twistie").click();
      return false;
    });
  }

  async expandView(view: string): Promise<void> {
    const header = this.page.locator(`.pane-header[aria-label^="${view}"]`);
    if ((await header.getAttribute("aria-expanded")) !== "true") await header.click();
  }

  /** Presses a button that stands on a tree item while it is pointed at. */
  async pressOnTreeItem(view: string, label: string | RegExp, action: string): Promise<void> {
    const item = this.treeItem(view, label);
    const button = item.locator(`.action-label[aria-label="${action}"]`);
    // An item that moves away from below the mouse, as those above it change, shows no buttons any longer.
    await until(`${action} is pressed`, async () => {
      await item.hover();
      return button.click({ timeout: 2_000 }).then(
        () => true,
        () => false,
      );
    });
  }

  /** While VS Code makes a tree anew, it gives a command no item, and that asks for one. */
  async showRunCharts(label: string | RegExp): Promise<void> {
    const asked = this.quickInput.locator(".quick-input-title", { hasText: "Choose runs" });
    const tab = this.page.locator(".tab.active", { hasText: "Charts of" });
    await until("the charts are shown", async () => {
      await this.pressOnTreeItem("Runs", label, "Show Run Charts");
      await asked.or(tab).first().waitFor();
      if (!(await asked.isVisible())) return true;
      await this.page.keyboard.press("Escape");
      return false;
    });
  }

  /** Selects these items of a view, and no others. */
  async selectTreeItems(view: string, labels: readonly (string | RegExp)[]): Promise<void> {
    for (const label of labels) {
      const item = this.treeItem(view, label);
      if ((await item.getAttribute("aria-selected")) !== "true")
        await item.click({ modifiers: ["ControlOrMeta"] });
    }
  }

  /** A question that waits for an answer. */
  dialog(text: string): Locator {
    return this.page.locator(".monaco-dialog-box", { hasText: text });
  }

  /** Chooses from the context menu of a tree item. */
  async chooseOnTreeItem(view: string, label: string | RegExp, action: string): Promise<void> {
    await until(
      `${action} has its item`,
      async () => {
        const runs = runsOf(action, this.commandsRun);
        const before = (await runs()).length;
        await this.#chooseOnceOnTreeItem(view, label, action);
        let ran: readonly string[] = [];
        const isRun = async (): Promise<boolean> => (ran = (await runs()).slice(before)).length > 0;
        await until(`the log tells of ${action}`, isRun);
        // While VS Code makes a tree anew, it gives a command no item, and the command asks for one.
        if (ran[0]?.endsWith(" on an item")) return true;
        await this.quickInput.waitFor();
        await this.page.keyboard.press("Escape");
        return false;
      },
      60_000,
    );
  }
  async #chooseOnceOnTreeItem(view: string, label: string | RegExp, action: string): Promise<void> {
    const entry = this.page.locator(".monaco-menu .action-label", { hasText: action }).first();
    // A menu offers what could be done with the item when it was drawn: one that is just being drawn anew may offer less.
    await until(`${action} is offered`, async () => {
      await this.treeItem(view, label).click({ button: "right" });
      const isOffered = await entry.waitFor({ timeout: 2_000 }).then(
        () => true,
        () => false,
      );
      if (!isOffered) await this.page.keyboard.press("Escape");
      return isOffered;
    });
    // A menu takes no click for a moment after it has opened.
    await until(`${action} is chosen`, async () => {
      await entry.click({ timeout: 1_000 }).catch(() => undefined);
      return entry.waitFor({ state: "hidden", timeout: 300 }).then(
        () => true,
        () => false,
      );
    });
  }

  statusBarItem(id: string): Locator {
    return this.page.locator(`.statusbar-item[id="${id}"]`);
  }

  /** A button in the title bar of the active editor. */
  editorAction(label: string): Locator {
    return this.page.locator(`.editor-actions .action-label[aria-label^="${label}"]`).first();
  }

  /** The innermost frame of a panel whose address matches. */
  async frame(address: RegExp): Promise<Frame> {
    let found: Frame | undefined;
    await until(
      `a frame at ${String(address)}`,
      () => {
        found = this.page.frames().find((frame) => address.test(frame.url()));
        return found !== undefined;
      },
      hostPatience,
    );
    return found as Frame;
  }

  /** The page of ours in a panel, once it shows this text. `limit`: milliseconds. */
  async panelText(text: string, limit = hostPatience): Promise<Frame> {
    let found: Frame | undefined;
    await until(
      `a panel that says ${text}`,
      async () => {
        for (const frame of this.page.frames().filter((one) => one.url().includes("fake.html"))) {
          const content = await frame
            .locator("body")
            .innerText({ timeout: 1_000 })
            .catch(() => "");
          if (content.includes(text)) found = frame;
        }
        return found !== undefined;
      },
      limit,
    );
    return found as Frame;
  }

  /** Presses a button of a page of ours, once it is shown beside this text. */
  async pressInPanel(text: string, button: string): Promise<void> {
    const page = await this.panelText(text);
    await page.locator("vscode-button", { hasText: button }).click();
  }

  /** The tabs of editors that are open. */
  get tabs(): Locator {
    return this.page.locator(".tabs-container .tab");
  }

  /** Waits until no page of ours in a panel shows this text. */
  async panelWithout(text: string): Promise<void> {
    await until(`no panel says ${text}`, async () => {
      const pages = this.page.frames().filter((frame) => frame.url().includes("fake.html"));
      const texts = await Promise.all(
        pages.map((frame) =>
          frame
            .locator("body")
            .innerText({ timeout: 1_000 })
            .catch(() => ""),
        ),
      );
      return texts.every((shown) => !shown.includes(text));
    });
  }
}

function escapeForRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
