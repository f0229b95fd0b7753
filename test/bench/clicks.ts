// What a person does until a viewer is there, in a real VS Code window, and how long that takes:
//   npm run bench:clicks
// CLICK_REPETITIONS turns of what can be repeated (default 5). Host and window are on this machine. What a version asks is
// answered and counted, so the same script measures versions that ask more.
import { loadavg } from "node:os";
import type { Frame } from "playwright-core";
import { viewersIn } from "../support/processes.js";
import { until } from "../support/until.js";
import { setStage } from "../support/vscode/stage.js";
import { median } from "./figures.js";

const repetitions = Number(process.env["CLICK_REPETITIONS"] ?? 5);
/** Milliseconds for anything: the machine may be busy. */
const patience = 240_000;
const run = "resnet50-cifar10";

const stage = await setStage({ version: "newest", settings: { "runicorn.viewer.graceMinutes": 1.5 } });
const { window, host } = stage;
window.page.setDefaultTimeout(patience);
const gpu = window.treeItem("Connections", /^gpu/);
/** Of versions that do not offer hosts in the side bar. */
const connectButton = window.page.locator(".part.sidebar .monaco-button", { hasText: "Connect" }).first();
/** What is done from now on: clicks and keys. */
let actions = 0;
const act = async (action: Promise<unknown>): Promise<void> => {
  actions += 1;
  await action;
};

interface Turn {
  readonly actions: number;
  readonly seconds: number;
  /** Milliseconds from the click to the panel, by the window's own clock. */
  readonly panel?: number;
}
const turns = new Map<string, Turn[]>();

/** The viewer is there; what is asked until then is answered. */
async function isBack(): Promise<void> {
  const isShown = async (frame: Frame): Promise<boolean> =>
    /^http:\/\/\d+\.localhost:/.test(frame.url()) &&
    (await frame.getByText(run).locator("visible=true").first().isVisible());
  const title = window.quickInput.locator(".quick-input-title");
  await until(
    "the viewer is there",
    async () => {
      for (const frame of window.page.frames()) {
        if (await isShown(frame).catch(() => false)) return true;
      }
      // It may have gone between the two looks.
      const asked = await title.innerText({ timeout: 200 }).catch(() => "");
      if (asked.includes("Python environment") && (await window.row("train").isVisible())) {
        await act(window.pick("train"));
        await title.filter({ hasText: "Python environment" }).waitFor({ state: "hidden" });
      } else if (asked.includes("Storage root")) {
        await act(window.page.keyboard.press("Enter"));
        await title.filter({ hasText: "Storage root" }).waitFor({ state: "hidden" });
      }
      return false;
    },
    patience,
  );
}

/** Does something until the viewer is there, and notes how many actions and seconds that took. */
async function measure(name: string, work: () => Promise<number | void>): Promise<void> {
  actions = 0;
  const startedAt = performance.now();
  const panel = await work();
  await isBack();
  const seconds = (performance.now() - startedAt) / 1_000;
  const turn = { actions, seconds, ...(typeof panel === "number" && { panel }) };
  turns.set(name, [...(turns.get(name) ?? []), turn]);
  console.log(`${name}: ${actions} actions, ${seconds.toFixed(1)} s, panel ${panel?.toFixed(0) ?? "-"} ms`);
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
  for (const type of ["pointerdown", "keydown"])
    addEventListener(type, () => (globalThis.clickedAt ??= performance.now()), { capture: true, once: true });
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
  await until("no viewer on the host", async () => (await viewersIn(host.home)).length === 0, patience);
  await window.treeItem("Connections", /^gpu\s*not connected/).waitFor();
}

async function closeTabs(): Promise<void> {
  await window.command("View: Close All Editors");
  await window.tabs.first().waitFor({ state: "hidden" });
}

/** What the window shows is written down before it is left. */
async function leave(): Promise<string> {
  await window.untilSaved();
  const address = window.page.url();
  await window.page.goto("about:blank");
  return address;
}

function printTable(): void {
  console.log("\n| situation | actions | seconds: median | least | panel, ms: median | least | turns |");
  for (const [name, all] of turns) {
    const seconds = all.map((one) => one.seconds);
    const panels = all.flatMap(({ panel }) => panel ?? []);
    const shown =
      panels.length > 0 ? `${median(panels).toFixed(0)} | ${Math.min(...panels).toFixed(0)}` : " | ";
    const most = Math.max(...all.map((one) => one.actions));
    const took = `${median(seconds).toFixed(1)} | ${Math.min(...seconds).toFixed(1)}`;
    console.log(`| ${name} | ${most} | ${took} | ${shown} | ${all.length} |`);
  }
  console.log(`load ${loadavg()[0]?.toFixed(0)}`);
}

try {
  await measure("first time, from VS Code opened", async () => {
    await act(window.showSideBar("Runicorn Remote"));
    const offered = gpu.or(connectButton).first();
    await offered.waitFor();
    await window.page.evaluate(watchTabs);
    await act(offered.click());
    if (!(await gpu.isVisible())) {
      await window.waitForQuickInput("Connect to Host");
      await window.page.evaluate(watchTabs);
      await act(window.pick("gpu"));
    }
    await window.waitForQuickInput("Unknown host key");
    const hasPanel = await window.page.evaluate<boolean>("globalThis.tabAt !== undefined");
    const panel = hasPanel
      ? Number(await window.page.evaluate("globalThis.tabAt - globalThis.clickedAt"))
      : undefined;
    await act(window.pick("Trust and Connect"));
    return panel;
  });
  for (let turn = 0; turn < repetitions; turn += 1) {
    await disconnect();
    await closeTabs();
    await measure("the same day, host disconnected, from the tree", () => untilPanel(() => act(gpu.click())));
    await disconnect();
    await closeTabs();
    await measure("the same, by the key", () =>
      untilPanel(() => act(window.page.keyboard.press("Control+Alt+O"))),
    );
    await window.untilSaved();
    await measure("window reloaded, viewer alive", () => window.reload());
    await window.pressOnTreeItem("Connections", "running", "Stop Viewer");
    await window.panelText("was stopped", patience);
    await measure("after Stop Viewer", () => act(window.pressInPanel("was stopped", "Start Again")));
  }
  const address = await leave();
  await until("its lease has ended", async () => (await viewersIn(host.home)).length === 0, patience);
  await window.page.goto(address);
  await window.panelText("this computer was out of reach for", patience);
  await measure("next morning, the viewer has ended meanwhile", () =>
    act(window.pressInPanel("this computer was out of reach for", "Start Again")),
  );
  await stage.changeSettings({ "runicorn.viewer.startAgain": true });
  await leave();
  await until("its lease has ended", async () => (await viewersIn(host.home)).length === 0, patience);
  await measure("next morning, where the setting starts it", () =>
    window.page.goto(address).then(() => undefined),
  );
  printTable();
} catch (error) {
  await stage.picture("clicks-failed");
  console.log(await window.shownText());
  throw error;
} finally {
  await stage.dispose();
}
