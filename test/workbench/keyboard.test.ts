import { describe, expect } from "vitest";
import { viewersIn } from "../support/processes.js";
import { until } from "../support/until.js";
import * as mainJob from "../support/vscode/mainJob.js";
import type { Window } from "../support/vscode/window.js";
import { windowTest, windowVersions } from "../support/vscode/windowTest.js";

/**
 * The main job without a mouse: nothing is clicked, and nothing is given the focus but by keys. `MATRIX=full`: in the oldest
 * VS Code too.
 */
describe.each(windowVersions)("with the keyboard alone, in the %s VS Code,", (version) => {
  const it = windowTest({ version });

  /** Where the focus is in the window: the label of the row, the entry of a menu, or the element. */
  const focused = (window: Window): Promise<string> =>
    window.page.evaluate(`(() => {
      const { activeElement } = document;
      const row = document.getElementById(activeElement.getAttribute("aria-activedescendant") ?? "");
      return row?.getAttribute("aria-label") ?? activeElement.textContent.trim();
    })()`);
  /** Goes down a view or a menu to what is called like this. */
  const goTo = async (window: Window, name: RegExp): Promise<void> => {
    await until(`the focus is on ${String(name)}`, async () => {
      if (name.test(await focused(window))) return true;
      await window.page.keyboard.press("ArrowDown");
      return name.test(await focused(window));
    });
  };

  it("leads from an opened window to a host, its key and its viewer", async ({ stage, window, press }) => {
    await window.commandByKeys("Runicorn: Show Connections");
    await goTo(window, /^gpu/);
    await press("Enter");
    await window.waitForQuickInput("Unknown host key");
    await press("ArrowDown");
    await press("Enter");
    await mainJob.waitForViewer(window, "resnet50-cifar10");
    await stage.picture("keyboard-viewer");
  });

  it("stops the viewer from the menu of its row", async ({ stage, window, host, press }) => {
    const menu = window.page.locator(".monaco-menu");
    // The panel takes the focus once its page is there, and closes a menu that is open.
    await until(
      "Stop Viewer has the focus",
      async () => {
        if (!(await menu.isVisible())) {
          await window.commandByKeys("Runicorn: Show Connections");
          await goTo(window, /^runs, running/);
          await press("Shift+F10");
          await menu.waitFor({ timeout: 3_000 }).catch(() => undefined);
        }
        if (/^Stop Viewer/.test(await focused(window))) return true;
        // The tree may be drawn anew before the key arrives: then it is the menu of another row.
        const isOfViewer = await menu.getByText("Stop Viewer").first().isVisible();
        await press(isOfViewer || !(await menu.isVisible()) ? "ArrowDown" : "Escape");
        return false;
        // A busy machine takes half a minute until the menu is open.
      },
      75_000,
    );
    await stage.picture("keyboard-menu");
    await press("Enter");
    await window.panelText("Nothing of it is left running on the host.");
    expect(await viewersIn(host.home)).toEqual([]);
  });

  it("opens the last viewer", async ({ window, press }) => {
    await press("Control+Alt+o");
    await mainJob.waitForViewer(window, "resnet50-cifar10");
    await window.treeItem("Connections", "running").waitFor();
  });
});
