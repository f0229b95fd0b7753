import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isFullMatrix } from "../support/matrix.js";
import { viewersIn } from "../support/processes.js";
import { until } from "../support/until.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { setStage, type Stage } from "../support/vscode/stage.js";
import type { VersionName } from "../support/vscode/versions.js";

const versions: readonly VersionName[] = isFullMatrix ? ["newest", "oldest"] : ["newest"];

/**
 * The main job without a mouse: nothing is clicked, and nothing is given the focus but by keys. `MATRIX=full`: in the oldest
 * VS Code too.
 */
describe.each(versions)("with the keyboard alone, in the %s VS Code,", (version) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({ version });
  });
  afterAll(() => stage.dispose());

  const press = (keys: string): Promise<void> => stage.window.page.keyboard.press(keys);
  /** Where the focus is in the window: the label of the row, the entry of a menu, or the element. */
  const focused = (): Promise<string> =>
    stage.window.page.evaluate(`(() => {
      const { activeElement } = document;
      const row = document.getElementById(activeElement.getAttribute("aria-activedescendant") ?? "");
      return row?.getAttribute("aria-label") ?? activeElement.textContent.trim();
    })()`);
  const command = (title: string): Promise<void> => stage.window.commandByKeys(title);
  /** Goes down a view or a menu to what is called like this. */
  const goTo = async (name: RegExp): Promise<void> => {
    await until(`the focus is on ${String(name)}`, async () => {
      if (name.test(await focused())) return true;
      await press("ArrowDown");
      return name.test(await focused());
    });
  };

  it("leads from an opened window to a host, its key and its viewer", async () => {
    const { window } = stage;
    await command("Runicorn: Show Connections");
    await goTo(/^gpu/);
    await press("Enter");
    await window.waitForQuickInput("Unknown host key");
    await press("ArrowDown");
    await press("Enter");
    await mainJob.waitForViewer(window, "resnet50-cifar10");
    await stage.picture("keyboard-viewer");
  });

  it("stops the viewer from the menu of its row", async () => {
    const { window, host } = stage;
    const menu = window.page.locator(".monaco-menu");
    // The panel takes the focus once its page is there, and closes a menu that is open.
    await until(
      "Stop Viewer has the focus",
      async () => {
        if (!(await menu.isVisible())) {
          await command("Runicorn: Show Connections");
          await goTo(/^runs, running/);
          await press("Shift+F10");
          await menu.waitFor({ timeout: 3_000 }).catch(() => undefined);
        }
        if (/^Stop Viewer/.test(await focused())) return true;
        await press("ArrowDown");
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

  it("opens the last viewer", async () => {
    await press("Control+Alt+o");
    await mainJob.waitForViewer(stage.window, "resnet50-cifar10");
    await stage.window.treeItem("Connections", "running").waitFor();
  });
});
