import assert from "node:assert/strict";
import { mkdir, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { processesIn, viewersIn } from "../support/processes.js";
import { until } from "../support/until.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { openWindow } from "../support/vscode/openWindow.js";
import type { Window } from "../support/vscode/window.js";
import type { DemoScene } from "./scene.js";

const screenshots = resolve("demo-screenshots");

/** Goes through the main job in a real window and leaves a picture of each step. */
export async function checkMainJob(scene: DemoScene): Promise<void> {
  await rm(screenshots, { recursive: true, force: true });
  await mkdir(screenshots);
  console.log("Opening VS Code…");
  const { window, dispose } = await openWindow({ version: "newest", home: scene.clientHome });
  try {
    await goThrough(window, scene);
  } catch (error) {
    await window.screenshot(screenshots, "failed");
    throw error;
  } finally {
    await dispose();
  }
  console.log(`\nThe main job works. Screenshots: ${screenshots}`);
}

async function goThrough(window: Window, { fingerprint, storageRoot, hostHome }: DemoScene): Promise<void> {
  let count = 0;
  const done = async (step: string, picture: string): Promise<void> => {
    count += 1;
    await window.screenshot(screenshots, `${count}-${picture}`);
    console.log(`  ${count}. ${step}`);
  };

  await window.showSideBar("Runicorn Remote");
  await window.command("Runicorn: Connect to Host…");
  await window.waitForQuickInput("Connect to Host");
  await window.row("demo-gpu").waitFor();
  await done("The hosts of ~/.ssh/config are offered", "hosts");

  await window.pick("demo-gpu");
  await window.waitForQuickInput("Unknown host key");
  assert.match(await window.quickInput.innerText(), new RegExp(fingerprint.replace(/[+/]/g, "\\$&")));
  await done("The unknown host key is shown with its fingerprint", "host-key");

  await window.pick("Trust and Connect");
  await mainJob.waitForEnvironments(window, "train");
  await done(
    "The key file opened the door; three environments have Runicorn, so one is asked for",
    "environments",
  );

  await window.pick("train");
  await window.panelText(`${storageRoot} (from Runicorn's settings)`);
  await done("The steps tick; the storage root is the one of Runicorn's configuration", "steps");

  const frame = await mainJob.waitForViewer(window, "resnet50-cifar10");
  await mainJob.closeRunicornSettings(frame);
  await done("Runicorn's page with the sample experiments stands in the panel", "viewer");

  await window.expandItem("Connections", "Known Hosts");
  await window.treeItem("Connections", "127.0.0.1").waitFor();
  await window.treeItem("Connections", "runicorn-data").waitFor();
  await window.statusBarItem("runicorn.runicorn-remote.runicorn.status").click();
  await window.waitForQuickInput("Runicorn Remote");
  await done("Trees, status bar and its menu show what runs", "menu");
  await window.page.keyboard.press("Escape");

  assert.ok((await viewersIn(hostHome)).length > 0, "the viewer runs on the host");
  await window.editorAction("Stop Viewer").click();
  await window.panelText("was stopped.");
  await until("no viewer on the host", async () => (await viewersIn(hostHome)).length === 0);
  await done("Stop ended the remote process", "stopped");

  await window.command("Runicorn: Disconnect from Host");
  await window.statusBarItem("runicorn.runicorn-remote.runicorn.status").waitFor({ state: "hidden" });
  await until("no process on the host", async () => (await processesIn(hostHome)).length === 0);
  await done("Disconnect left nothing behind", "disconnected");
}
