import { appendFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect } from "vitest";
import { processesIn } from "../support/processes.js";
import type { HostHome } from "../support/runicorn/hostHome.js";
import { until } from "../support/until.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { windowTest } from "../support/vscode/windowTest.js";

/** Milliseconds: VS Code writes down what its window shows every five seconds, and not when it is closed. */
const windowIsSaved = 6_000;

/** FAULT_ROUNDS: how often the extension host is killed (default 1). */
const rounds = Array.from({ length: Number(process.env["FAULT_ROUNDS"] ?? 1) }, (_, index) => index + 1);

describe("a viewer in a window", () => {
  let pid: number;
  const it = windowTest({
    version: "newest",
    prepare: async ({ window, host }) => {
      await mainJob.openFirstViewer(window, "gpu");
      pid = await viewerPid(host);
    },
  });

  const viewerPid = async (host: HostHome): Promise<number> => {
    const all = await processesIn(host.home);
    const viewers = all.filter(({ commandLine }) => commandLine.includes("-m runicorn viewer"));
    expect(viewers).toHaveLength(1);
    return viewers[0]?.pid ?? 0;
  };

  it("waits under a notice while its host is away, and goes on by itself", async ({ stage }) => {
    const { window, sshd, host } = stage;
    await sshd.halt();
    await window.panelText("Reconnecting to gpu");
    await window.treeItem("Connections", "reconnecting").waitFor();
    await window.treeItem("Connections", "reconnecting").waitFor();
    await stage.picture("reconnecting");
    await sshd.resume();
    await window.treeItem("Connections", "running").waitFor();
    await mainJob.waitForViewer(window, "resnet50-cifar10");
    await window.panelWithout("Reconnecting to gpu");
    expect(await viewerPid(host)).toBe(pid);
  });

  it("is there again after the window was reloaded: the same process on the host", async ({ stage }) => {
    const { window, host } = stage;
    await delay(windowIsSaved);
    await window.reload();
    await mainJob.waitForViewer(window, "resnet50-cifar10");
    await window.treeItem("Connections", "running").waitFor();
    await stage.picture("reloaded");
    expect(await viewerPid(host)).toBe(pid);
  });

  it.for(rounds)("is there again after the extension host was killed (%i)", async (_, { stage }) => {
    const { window, host, laptop } = stage;
    await delay(windowIsSaved);
    for (const { pid: host, commandLine } of await processesIn(laptop)) {
      if (commandLine.includes("--type=extensionHost")) process.kill(host, "SIGKILL");
    }
    await window.reload();
    await mainJob.waitForViewer(window, "resnet50-cifar10");
    await window.treeItem("Connections", "running").waitFor();
    await stage.picture("after-crash");
    expect(await viewerPid(host)).toBe(pid);
  });

  it("is there again after a reload although no panel shows it: a browser that does goes on", async ({
    stage,
    window,
    host,
  }) => {
    const shown = await mainJob.waitForViewer(window, "resnet50-cifar10");
    const reloadWithoutPanel = async (): Promise<boolean> => {
      await window.command("View: Close All Editors");
      await window.page.locator(".editor-group-container.empty").waitFor();
      await delay(windowIsSaved);
      await window.reload();
      await window.treeItem("Connections", "running").waitFor();
      return (await window.page.locator(".tab").count()) === 0;
    };
    // A busy VS Code writes later what its window shows, and then shows the panel once more.
    await until("the window was written down without the panel", reloadWithoutPanel, 150_000);
    expect(await window.page.locator(".tab").count()).toBe(0);
    await stage.picture("reloaded-without-panel");
    expect(await viewerPid(host)).toBe(pid);
    expect(await mainJob.healthThroughTunnel(shown)).toMatchObject({ storage: host.root });
    await window.treeItem("Connections", "running").click();
    await mainJob.waitForViewer(window, "resnet50-cifar10");
  }, 200_000);

  it("has its log in an output channel, filtered by the level that a person chooses there", async ({
    stage,
    window,
    host,
  }) => {
    const sessions = join(host.home, ".cache", "runicorn-remote", "sessions");
    const [session = ""] = await readdir(sessions);
    const say = (lines: string): Promise<void> => appendFile(join(sessions, session, "viewer.log"), lines);
    await window.command("Runicorn: Show Viewer Log");
    await window.outputLine("[info] 2").first().waitFor();
    // Only the lines in sight are in the page, and a viewer that was open for long has said much since.
    await window.scrollOutput("start");
    await window.outputLine("[info] [Remote Mode] Starting viewer").waitFor();
    await window.scrollOutput("end");
    await say("WARNING:  the disk is \u001b[31mnearly full\nERROR:    Exception\n  at line 7\n");
    await window.outputLine("[warning] the disk is \\x1b[31mnearly full").waitFor();
    await window.outputLine("[error]   at line 7").waitFor();
    await stage.picture("viewer-log");
    await window.command("Developer: Set Log Level...");
    await window.pick("Runicorn: runs · gpu");
    await stage.picture("viewer-log-levels");
    await window.pick("Warning");
    let round = 0;
    await until("what is below that level is not shown", async () => {
      round += 1;
      await say(`INFO:     not wanted ${round}.\nWARNING:  wanted ${round}.\n`);
      await window.outputLine(`[warning] wanted ${round}.`).waitFor();
      return (await window.outputLine(`not wanted ${round}.`).count()) === 0;
    });
  });

  it("is ended by its button, and nothing of it is left", async ({ window, host }) => {
    await window.pressOnTreeItem("Connections", "running", "Stop Viewer");
    await until("no viewer on the host", async () =>
      (await processesIn(host.home)).every(({ commandLine }) => !commandLine.includes("runicorn")),
    );
  });
});
