import { spawn } from "node:child_process";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, describe, expect } from "vitest";
import { until } from "../support/until.js";
import { violationsInThemes } from "../support/vscode/axe.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { picturesInThemes } from "../support/vscode/picturesInThemes.js";
import { windowTest } from "../support/vscode/windowTest.js";

/** This machine has no GPU: a program in the account's own folder answers as nvidia-smi of two does. */
const nvidiaSmi = (pid: number): string => `#!/bin/sh
echo asked >>"$(dirname "$0")/log"
case $* in
*compute-apps*) echo 'GPU-a, ${pid}, 29000, /usr/bin/python' ;;
*)
  echo '0, GPU-a, 93, 30000, 40960, 64, NVIDIA A100-SXM4-40GB'
  echo '1, GPU-b, 0, 4, 40960, 31, NVIDIA A100-SXM4-40GB'
  ;;
esac
`;

describe("hosts at a glance", () => {
  const training = spawn("sleep", ["1000"], { stdio: "ignore" });
  const it = windowTest({
    version: "newest",
    hostPath: (home) => `${join(home, "bin")}:/usr/local/bin:/usr/bin:/bin`,
    settings: {
      "runicorn.glance.rowSeconds": 5,
      "runicorn.glance.pageSeconds": 1,
      "workbench.hover.delay": 500,
    },
    prepare: async (stage) => {
      const { window, host } = stage;
      const smi = join(host.home, "bin", "nvidia-smi");
      await mkdir(join(host.home, "bin"));
      await writeFile(smi, nvidiaSmi(training.pid ?? 0));
      await chmod(smi, 0o755);
      await writeRun(host.root, training.pid ?? 0);
      await mainJob.copyRuns(stage, "Smart");
      await window.treeItem("Runs", "long training").waitFor();
    },
  });
  afterAll(() => training.kill());

  it("are told in the row of a connection, and in its tooltip", async ({ stage, window }) => {
    const row = window.treeItem("Connections", /gpu\s*1 of 2 GPUs busy · load [\d.]+ · connected/);
    await row.waitFor();
    const tooltip = window.page.locator(".monaco-hover", { hasText: "NVIDIA A100" });
    await until("the tooltip is shown", async () => {
      await window.page.mouse.move(600, 300);
      await row.hover();
      return tooltip.waitFor({ timeout: 3_000 }).then(
        () => true,
        () => false,
      );
    });
    await tooltip.locator("td", { hasText: "93 %" }).waitFor();
    await tooltip.locator("td", { hasText: `${userInfo().username} (sleep ${training.pid}` }).waitFor();
    expect(await tooltip.locator("a", { hasText: "127.0.0.1" }).count()).toBe(0);
    await stage.picture("glance-tooltip");
    await window.page.mouse.move(600, 300);
  });

  it("are shown on a page with sparklines, and with the trainings that run", async ({ stage, window }) => {
    await window.command("Runicorn: Hosts at a Glance");
    const page = await window.panelText("NVIDIA A100");
    await page.getByRole("heading", { name: "gpu" }).waitFor();
    const run = page.locator("tr", { hasText: "long training" });
    expect(await run.locator("td").first().innerText()).toBe("0");
    await page.getByRole("img", { name: /^Load, in the last 1 min: from \d+ %/ }).waitFor();
    await page.getByRole("img", { name: /^Use of GPU 0, .*now 93 %/ }).waitFor();
    expect(await page.locator("dl").innerText()).toMatch(/on \d+ cores/);
    await picturesInThemes(stage, "glance");
    expect(await violationsInThemes(window, page)).toEqual([]);
  });

  it("keep the button that has the focus, and open what it names with the keyboard", async ({ window }) => {
    const page = await window.panelText("NVIDIA A100");
    const button = page.getByRole("button", { name: "Charts of long training" });
    await button.focus();
    const before = await page.locator(".host .detail").first().innerText();
    await until("it was told anew", async () => {
      return (await page.locator(".host .detail").first().innerText()) !== before;
    });
    expect(await page.evaluate("document.activeElement.ariaLabel")).toBe("Charts of long training");
    await window.page.keyboard.press("Enter");
    await window.page.locator(".tab.active", { hasText: "long training" }).waitFor();
  });

  it("ask nobody while they are not looked at", async ({ window, host }) => {
    await window.showSideBar("Explorer");
    // The charts are in front of the page now, and another view in front of the rows: what is under way comes to its end.
    await delay(3_000);
    const questions = (): Promise<string> => readFile(join(host.home, "bin", "log"), "utf8");
    const before = await questions();
    await delay(8_000);
    expect(await questions()).toBe(before);
    await window.showSideBar("Runicorn Remote");
    await until("it is asked again", async () => (await questions()) !== before);
  });

  it("are there again after a reload, and lead to a viewer", async ({ stage, window }) => {
    await window.page.locator(".tab", { hasText: "Hosts at a Glance" }).click();
    await window.panelText("NVIDIA A100");
    await window.untilSaved();
    await window.reload();
    await window.panelText("not connected", 60_000);
    // Nothing is connected to unasked.
    await delay(2_000);
    await window.panelText("not connected", 60_000);
    await stage.picture("glance-reloaded");
    await window.command("Runicorn: Sync Runs to This Machine…");
    await window.pick("gpu");
    await window.panelText("NVIDIA A100");
  });

  it("say that a host is no longer connected", async ({ window }) => {
    await window.page.keyboard.press("Escape");
    await window.command("Runicorn: Disconnect from Host");
    await window.treeItem("Connections", /^gpu\s*not connected$/).waitFor();
    await window.panelWithout("NVIDIA A100");
  });
});

/** A run as Runicorn writes it, at which the process of this number works. */
async function writeRun(root: string, pid: number): Promise<void> {
  const folder = join(root, "runs", "glance", "20260101_000000_abcdef");
  await mkdir(folder, { recursive: true });
  const now = Date.now() / 1000;
  const meta = {
    id: "20260101_000000_abcdef",
    path: "glance",
    alias: "long training",
    pid,
    hostname: hostname(),
  };
  await writeFile(join(folder, "meta.json"), JSON.stringify({ ...meta, created_at: now }));
  await writeFile(join(folder, "status.json"), JSON.stringify({ status: "running", started_at: now }));
  await writeFile(join(folder, "events.jsonl"), "");
}
