import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect } from "vitest";
import { until } from "../support/until.js";
import { canCheckPasswords } from "../support/pam.js";
import * as mainJob from "../support/vscode/mainJob.js";
import type { Window } from "../support/vscode/window.js";
import { windowTest } from "../support/vscode/windowTest.js";

const password = "correct horse";

describe.skipIf(!canCheckPasswords)("saved connections", () => {
  /** What Remote - SSH reads: a terminal's ssh looks up the home folder by user id, and finds no other file there. */
  let configFile: string;
  const it = windowTest({
    version: "newest",
    password,
    prepare: async ({ window, laptop, changeSettings }) => {
      configFile = join(laptop, "hosts");
      await writeFile(configFile, await readFile(join(laptop, ".ssh", "config")));
      await changeSettings({ "remote.SSH.configFile": configFile });
      await window.reload();
      await window.showSideBar("Runicorn Remote");
      await mainJob.chooseNewHost(window, "gpu");
      await window.waitForQuickInput("Password for");
      await window.quickInput.locator('[aria-label="Keep in the secret store"]').click();
      await window.type(password);
      await mainJob.waitForViewer(window, "resnet50-cifar10");
    },
  });

  const names = async (window: Window): Promise<readonly string[]> => {
    const rows = window.page.locator(
      '.pane:has(.pane-header[aria-label^="Connections"]) .monaco-list-row[aria-level="1"] .label-name',
    );
    return rows.allInnerTexts();
  };

  /** The dialog for files looks into a folder as soon as its name stands there, and takes the name of a file behind it. */
  const chooseFile = async (window: Window, file: string): Promise<void> => {
    const { quickInput, quickInputBox } = window;
    await quickInputBox.fill(`${dirname(file)}/`);
    await quickInput.locator(".label-name", { hasText: ".ssh" }).waitFor();
    await window.chooseFile(file);
  };

  it("are renamed, and have the name of their host again when that is empty", async ({ stage, window }) => {
    await window.chooseOnTreeItem("Connections", "gpu", "Rename Connection…");
    await window.type("Lab A100", "Rename gpu");
    await window.treeItem("Connections", "Lab A100").waitFor();
    await stage.picture("connection-renamed");
    await window.chooseOnTreeItem("Connections", "Lab A100", "Rename Connection…");
    await window.type("", "Rename Lab A100");
    await window.treeItem("Connections", "gpu").waitFor();
  });

  it("are duplicated for another user or host, the one used last on top", async ({ window }) => {
    await window.chooseOnTreeItem("Connections", "gpu", "Duplicate Connection…");
    await window.waitForQuickInput("Duplicate gpu");
    await window.quickInputBox.fill("gpu:22");
    await window.quickInputBox.fill("gpu");
    await window.quickInput.getByText("There is a connection to gpu already.").waitFor();
    await window.type("ada@gpu");
    await window.treeItem("Connections", "ada@gpu").waitFor();
    expect(await names(window)).toEqual(["This Machine", "gpu", "ada@gpu", "Known Hosts"]);
  });

  it("have their ssh command copied", async ({ window, clipboard }) => {
    await window.chooseOnTreeItem("Connections", "ada@gpu", "Copy SSH Command");
    await until("it is copied", async () => (await clipboard()) === `ssh -F ${configFile} -l ada -- gpu`);
  });

  it("open a terminal on their host", async ({ stage, window, sshd }) => {
    const before = (await sshd.log()).split("Connection from").length;
    await window.chooseOnTreeItem("Connections", "gpu", "Open Terminal on Host");
    await window.page.locator(".terminal-wrapper").waitFor();
    await until(
      "ssh comes to the host",
      async () => (await sshd.log()).split("Connection from").length > before,
    );
    await stage.picture("terminal");
    await window.command("Terminal: Kill All Terminals");
  });

  it("lead to their lines in the SSH configuration", async ({ window }) => {
    await window.chooseOnTreeItem("Connections", "gpu", "Edit SSH Config");
    await window.page.locator(".tab.active", { hasText: "hosts" }).waitFor();
    await window.page.locator(".editor-container .view-line", { hasText: /Host.gpu/ }).waitFor();
  });

  it("are exported without secrets, and imported where they are missing", async ({ stage }) => {
    const { window, laptop } = stage;
    const file = join(laptop, "connections.json");
    await window.command("Runicorn: Export Connections…");
    await window.waitForQuickInput("Export Connections");
    await chooseFile(window, file);
    await window.notification("Connections exported: 2").waitFor();
    await stage.picture("exported");
    const text = await readFile(file, "utf8");
    expect(text).not.toContain("password");
    const written = JSON.parse(text) as { connections: unknown[] };
    written.connections.push({ name: "Colleague's", target: { host: "theirs" } });
    await writeFile(file, JSON.stringify(written));
    await window.command("Runicorn: Import Connections…");
    await window.waitForQuickInput("Import Connections");
    await chooseFile(window, file);
    await window.notification("Connections added: 1. Already there: 2.").waitFor();
    await window.treeItem("Connections", /Colleague's\s*theirs · not connected/).click();
    await window.dialog("Connect to theirs?").waitFor();
    await stage.picture("imported-first-connect");
    await window.answerDialog("Cancel");
    await writeFile(file, "[]");
    await window.command("Runicorn: Import Connections…");
    await window.waitForQuickInput("Import Connections");
    await chooseFile(window, file);
    await window.notification("This is no file of exported connections.").waitFor();
  });

  it("forget their password, and are asked for it at the next connection", async ({ stage, window }) => {
    await window.command("Runicorn: Disconnect from Host");
    await window.answerDialog("Stop and Disconnect");
    // A menu closes when the item that it belongs to is drawn anew.
    await window.treeItem("Connections", /^gpu\s*not connected/).waitFor();
    await window.chooseOnTreeItem("Connections", /^gpu/, "Forget Saved Password…");
    await window.page.locator(".monaco-dialog-box", { hasText: "saved password of gpu" }).waitFor();
    await stage.picture("forget-password");
    await window.answerDialog("Forget Password");
    await window.treeItem("Connections", /^gpu/).click();
    await window.waitForQuickInput("Password for");
    await window.page.keyboard.press("Escape");
  });

  it("are made by what is typed, however soon Enter follows", async ({ window }) => {
    const { keyboard } = window.page;
    await window.command("Runicorn: Connect to Host…");
    await window.waitForQuickInput("Connect to Host");
    await Promise.all([keyboard.insertText("ada@nowhere.invalid"), keyboard.press("Enter")]);
    await window.panelText("nowhere.invalid", 60_000);
    await window.command("View: Close All Editors");
  });

  it("offer the hosts of the file that Remote - SSH reads, and of no file that a folder names", async ({
    stage,
    window,
    laptop,
  }) => {
    const { workspace } = stage;
    const file = join(laptop, "other config");
    const hostile = join(workspace, "config");
    await writeFile(file, "Host elsewhere\n  HostName 127.0.0.1\n");
    await writeFile(hostile, "Host hostile\n  ProxyCommand touch /tmp/hostile\n");
    await mkdir(join(workspace, ".vscode"));
    const folderSettings = JSON.stringify({ "remote.SSH.configFile": hostile });
    await writeFile(join(workspace, ".vscode", "settings.json"), folderSettings);
    await stage.changeSettings({ "remote.SSH.configFile": file });
    await window.reload();
    await window.treeItem("Connections", "gpu").waitFor();
    await until("its hosts are listed", async () => {
      await window.command("Runicorn: Connect to Host…");
      await window.waitForQuickInput("Connect to Host");
      const isThere = (await window.quickInput.locator(".label-name", { hasText: "elsewhere" }).count()) > 0;
      expect(await window.quickInput.locator(".label-name", { hasText: "hostile" }).count()).toBe(0);
      await window.page.keyboard.press("Escape");
      return isThere;
    });
  });
});
