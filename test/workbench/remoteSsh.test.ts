import { mkdir, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { savedIdOf } from "../../src/savedConnectionId.js";
import type { Target } from "../../src/ssh/model/target.js";
import { setStage, type Stage } from "../support/vscode/stage.js";

/**
 * An empty extension takes the place of Remote - SSH, and a VS Code in a browser leaves the authority out of the addresses of
 * its windows: what is seen is that a window is opened, and on which folder. The authority has a unit test.
 */
describe("a window on a host", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({ version: "newest", otherExtensions: ["ms-vscode-remote.remote-ssh"] });
    const { window } = stage;
    const kept = (target: Target, name: string, root?: string): object => ({
      id: savedIdOf(target),
      name,
      target,
      root,
    });
    const saved = [
      kept({ host: "gpu" }, "gpu", stage.host.root),
      kept({ host: "127.0.0.1", user: "ada", port: stage.sshd.port }, "typed"),
      kept({ host: "a%r" }, "odd"),
    ];
    await mkdir(stage.dataFile(""), { recursive: true, mode: 0o700 });
    await writeFile(stage.dataFile("connections.json"), JSON.stringify(saved), { mode: 0o600 });
    await window.reload();
    await window.showSideBar("Runicorn Remote");
    await window.treeItem("Connections", /^typed/).waitFor();
  });
  afterAll(() => stage.dispose());

  /** The address of the window that opens. */
  const opened = async (open: () => Promise<void>): Promise<URL> => {
    const [another] = await Promise.all([stage.window.page.context().waitForEvent("page"), open()]);
    await another.waitForURL(/^http/, { waitUntil: "commit" });
    const url = new URL(another.url());
    await another.close();
    await stage.window.page.bringToFront();
    return url;
  };

  it("is opened in a new window, on the folder with its runs", async () => {
    const { window, host } = stage;
    const url = await opened(() => window.chooseOnTreeItem("Connections", /^gpu/, "Open in Remote-SSH"));
    expect(decodeURIComponent(url.href)).toContain(`folder=${host.root}`);
  });

  it("is opened from the palette, on no folder where none is known", async () => {
    const { window } = stage;
    const url = await opened(async () => {
      await window.command("Runicorn: Open in Remote-SSH");
      await window.waitForQuickInput("Choose a connection");
      await window.pick("typed");
    });
    expect(url.search).toBe("?ew=true");
  });

  it("is not opened for a name that another program may read otherwise", async () => {
    const { window } = stage;
    await window.chooseOnTreeItem("Connections", /^odd/, "Open in Remote-SSH");
    await window.notification("is no name that is handed to Remote - SSH").waitFor();
  });
});

describe("without an extension for that", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({ version: "newest" });
    await stage.window.showSideBar("Runicorn Remote");
  });
  afterAll(() => stage.dispose());

  it("no window on a host is offered", async () => {
    const { window } = stage;
    await window.treeItem("Connections", /^gpu/).click({ button: "right" });
    await window.page.locator(".monaco-menu .action-label", { hasText: "Copy SSH Command" }).waitFor();
    expect(await window.page.locator(".monaco-menu", { hasText: "Open in Remote-SSH" }).count()).toBe(0);
  });
});
