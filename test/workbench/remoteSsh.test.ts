import { describe, expect } from "vitest";
import { loadWithConnections } from "../support/vscode/keptConnections.js";
import type { Window } from "../support/vscode/window.js";
import { windowTest } from "../support/vscode/windowTest.js";

/**
 * An empty extension takes the place of Remote - SSH, and a VS Code in a browser leaves the authority out of the addresses of
 * its windows: what is seen is that a window is opened, and on which folder. The authority has a unit test.
 */
describe("a window on a host", () => {
  const it = windowTest({
    version: "newest",
    otherExtensions: ["ms-vscode-remote.remote-ssh"],
    prepare: async (stage) => {
      const { window, sshd, host } = stage;
      await loadWithConnections(stage, [
        { name: "gpu", target: { host: "gpu" }, root: host.root },
        { name: "typed", target: { host: "127.0.0.1", user: "ada", port: sshd.port } },
        { name: "odd", target: { host: "a%r" } },
      ]);
      await window.showSideBar("Runicorn Remote");
      await window.treeItem("Connections", /^typed/).waitFor();
    },
  });

  /** The address of the window that opens. */
  const opened = async (window: Window, open: () => Promise<void>): Promise<URL> => {
    const [another] = await Promise.all([window.page.context().waitForEvent("page"), open()]);
    await another.waitForURL(/^http/, { waitUntil: "commit" });
    const url = new URL(another.url());
    await another.close();
    await window.page.bringToFront();
    return url;
  };

  it("is opened in a new window, on the folder with its runs", async ({ window, host }) => {
    const url = await opened(window, () =>
      window.chooseOnTreeItem("Connections", /^gpu/, "Open in Remote-SSH"),
    );
    expect(decodeURIComponent(url.href)).toContain(`folder=${host.root}`);
  });

  it("is opened from the palette, on no folder where none is known", async ({ window }) => {
    const url = await opened(window, async () => {
      await window.command("Runicorn: Open in Remote-SSH");
      await window.waitForQuickInput("Choose a connection");
      await window.pick("typed");
    });
    expect(url.search).toBe("?ew=true");
  });

  it("is not opened for a name that another program may read otherwise", async ({ window }) => {
    await window.chooseOnTreeItem("Connections", /^odd/, "Open in Remote-SSH");
    await window.notification("is no name that is handed to Remote - SSH").waitFor();
  });
});

describe("without an extension for that", () => {
  const it = windowTest({
    version: "newest",
    prepare: ({ window }) => window.showSideBar("Runicorn Remote"),
  });

  it("no window on a host is offered", async ({ window }) => {
    await window.treeItem("Connections", /^gpu/).click({ button: "right" });
    await window.page.locator(".monaco-menu .action-label", { hasText: "Copy SSH Command" }).waitFor();
    expect(await window.page.locator(".monaco-menu", { hasText: "Open in Remote-SSH" }).count()).toBe(0);
  });
});
