// What a person does until a viewer is there, in a real VS Code window, and how long that takes:
//   npm run bench:clicks
// CLICK_REPETITIONS turns of what can be repeated (default 3). Host and window are on this machine.
import { setTimeout as delay } from "node:timers/promises";
import { loadavg } from "node:os";
import { viewersIn } from "../support/processes.js";
import { until } from "../support/until.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { setStage } from "../support/vscode/stage.js";

const repetitions = Number(process.env["CLICK_REPETITIONS"] ?? 3);
/** Milliseconds: VS Code writes down what its window shows every five seconds, and not when it is closed. */
const windowIsSaved = 6_000;
const run = "resnet50-cifar10";

const stage = await setStage({ version: "newest", settings: { "runicorn.viewer.graceMinutes": 0.2 } });
const { window, host } = stage;
const gpu = window.treeItem("Connections", /^gpu/);
/** What is done from now on: clicks and keys. */
let actions = 0;
const act = async (action: Promise<unknown>): Promise<void> => {
  actions += 1;
  await action;
};
const isBack = (): Promise<unknown> => mainJob.waitForViewer(window, run);

/** Does something until the viewer is there, and prints how many actions and seconds that took. */
async function measure(name: string, work: () => Promise<void>): Promise<void> {
  actions = 0;
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1_000;
  console.log(`${name.padEnd(48)} ${actions} actions  ${seconds.toFixed(1)} s`);
}

/** Milliseconds from the click to the tab, by the window's own clock. */
async function untilPanel(click: () => Promise<void>): Promise<number> {
  await window.page.evaluate(watchTabs);
  await click();
  await window.page.waitForFunction("globalThis.tabAt !== undefined");
  return Number(await window.page.evaluate("globalThis.tabAt - globalThis.clickedAt"));
}

const watchTabs = `
  globalThis.tabAt = globalThis.clickedAt = undefined;
  addEventListener("pointerdown", () => (globalThis.clickedAt ??= performance.now()), { capture: true, once: true });
  const observer = new MutationObserver(() => {
    if (!document.querySelector(".tabs-container .tab")) return;
    globalThis.tabAt ??= performance.now();
    observer.disconnect();
  });
  observer.observe(document.body, { subtree: true, childList: true });
`;

async function disconnect(): Promise<void> {
  await window.command("Runicorn: Disconnect from Host");
  await window.answerDialog("Stop and Disconnect");
  await until("no viewer on the host", async () => (await viewersIn(host.home)).length === 0);
  await window.treeItem("Connections", /^gpu\s*not connected/).waitFor();
}

try {
  await measure("first time, from VS Code opened", async () => {
    await act(window.showSideBar("Runicorn Remote"));
    await act(window.page.locator(".part.sidebar .monaco-button", { hasText: "Connect" }).first().click());
    await window.waitForQuickInput("Connect to Host");
    await act(window.pick("gpu"));
    await window.waitForQuickInput("Unknown host key");
    await act(window.pick("Trust and Connect"));
    await mainJob.waitForEnvironments(window, "train");
    await act(window.pick("train"));
    await window.waitForQuickInput("Storage root");
    await act(window.page.keyboard.press("Enter"));
    await isBack();
  });
  for (let turn = 0; turn < repetitions; turn += 1) {
    await disconnect();
    await window.command("View: Close All Editors");
    await window.tabs.first().waitFor({ state: "hidden" });
    await measure("the same day, host disconnected, from the tree", async () => {
      const shown = await untilPanel(() => act(gpu.click()));
      console.log(`  panel visible ${Math.round(shown)} ms after the click`);
      await isBack();
    });
  }
  await disconnect();
  await measure("the same, by the key", async () => {
    await act(window.page.keyboard.press("Control+Alt+O"));
    await isBack();
  });
  await delay(windowIsSaved);
  await measure("window reloaded, viewer alive", async () => {
    await window.reload();
    await isBack();
  });
  await window.pressOnTreeItem("Connections", "running", "Stop Viewer");
  await window.panelText("was stopped");
  await measure("after Stop Viewer", async () => {
    await act(window.pressInPanel("was stopped", "Start Again"));
    await isBack();
  });
  await delay(windowIsSaved);
  const address = window.page.url();
  await window.page.goto("about:blank");
  await until("its lease has ended", async () => (await viewersIn(host.home)).length === 0, 120_000);
  await measure("next morning, the viewer has ended meanwhile", async () => {
    await window.page.goto(address);
    await act(window.pressInPanel("this computer was out of reach for", "Start Again"));
    await isBack();
  });
  console.log(`load ${loadavg()[0]?.toFixed(0)}`);
} finally {
  await stage.dispose();
}
