import type { Frame } from "playwright-core";
import type { Stage } from "./stage.js";
import type { Window } from "./window.js";

/*
 * The steps from nothing to a viewer, as a person does them, each ending when the window shows what comes next.
 * Texts are the English ones.
 */

export async function chooseHost(window: Window, alias: string): Promise<void> {
  await window.command("Runicorn: Connect to Host…");
  await window.waitForQuickInput("Connect to Host");
  await window.pick(alias);
}

/** The same of a host whose key is not known yet, which is then. */
export async function chooseNewHost(window: Window, alias: string): Promise<void> {
  await chooseHost(window, alias);
  await trustHostKey(window);
}

/** Answers the question about a key that is not known yet. */
export async function trustHostKey(window: Window): Promise<void> {
  await window.waitForQuickInput("Unknown host key");
  await window.pick("Trust and Connect");
}

export async function waitForEnvironments(window: Window, expected: string): Promise<void> {
  await window.waitForQuickInput("Python environment");
  await window.row(expected).waitFor();
}

/** From nothing to copies of the runs of `gpu`, whose key is not known yet. */
export async function copyRuns({ window, host }: Stage, mode: "Smart" | "Mirror"): Promise<void> {
  await window.showSideBar("Runicorn Remote");
  await window.command("Runicorn: Sync Runs to This Machine…");
  await window.waitForQuickInput("Connect to Host");
  await window.pick("gpu");
  await trustHostKey(window);
  await chooseRootToCopy({ window, host }, mode);
}

/** The rest of it, where `gpu` is connected. */
export async function chooseRootToCopy(
  { window, host }: Pick<Stage, "window" | "host">,
  mode: "Smart" | "Mirror",
): Promise<void> {
  await window.waitForQuickInput("Storage root");
  await window.row(host.root).waitFor();
  await window.page.keyboard.press("Enter");
  await window.waitForQuickInput("Sync mode");
  await window.pick(mode);
  if (mode === "Mirror") {
    await window.waitForQuickInput(/^Mirror /);
    await window.pick("Start Mirror");
  }
}

/** Accepts the suggested storage root, or writes another. */
export async function chooseRoot(window: Window, root?: string): Promise<void> {
  await window.waitForQuickInput("Storage root");
  if (root !== undefined) await window.quickInputBox.fill(root);
  await window.page.keyboard.press("Enter");
}

/** Runicorn's own page in the panel, once it lists an experiment with this name: that of now, where one takes another's place. */
export async function waitForViewer(window: Window, experiment: string): Promise<Frame> {
  for (;;) {
    const frame = await window.frame(/^http:\/\/\d+\.localhost:/);
    const shown = frame.getByText(experiment).locator("visible=true").first();
    try {
      await shown.waitFor({ timeout: 60_000 });
      return frame;
    } catch (error) {
      if (!frame.isDetached()) throw error;
    }
  }
}

/**
 * From nothing to a viewer of the sample experiments in a panel; the host's key is not known yet. Nothing else is asked: one
 * environment fits, and Runicorn's configuration names the root.
 */
export async function openFirstViewer(window: Window, alias: string): Promise<Frame> {
  await window.showSideBar("Runicorn Remote");
  await chooseNewHost(window, alias);
  const frame = await waitForViewer(window, "resnet50-cifar10");
  await closeRunicornSettings(frame);
  return frame;
}

/** What the viewer that a frame shows says of itself through its tunnel, as a browser on this machine hears it. */
export async function healthThroughTunnel(frame: Frame): Promise<unknown> {
  const [port] = new URL(frame.url()).hostname.split(".");
  return (await fetch(`http://127.0.0.1:${port}/api/health`)).json();
}

/** Runicorn's page opens its settings when it is seen for the first time. */
export async function closeRunicornSettings(frame: Frame): Promise<void> {
  const close = frame.locator(".ant-drawer-open .ant-drawer-close").first();
  if (await close.isVisible()) {
    await close.click();
    await frame.locator(".ant-drawer-open").waitFor({ state: "hidden" });
  }
}
