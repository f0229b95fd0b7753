import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { makeKey } from "../support/sshd.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { windowTest } from "../support/vscode/windowTest.js";

describe("a host whose key has changed", () => {
  const it = windowTest({
    version: "newest",
    prepare: async ({ sshd, laptop }) => {
      makeKey(join(laptop, "old"), "ed25519", "");
      const old = (await readFile(join(laptop, "old.pub"), "utf8")).trim();
      await writeFile(
        join(laptop, ".ssh", "known_hosts"),
        `[127.0.0.1]:${sshd.port} ${old}\nother.example ${old}\n`,
      );
    },
  });

  it("is refused, and nothing is sent to it", async ({ stage, window, sshd }) => {
    await window.showSideBar("Runicorn Remote");
    await mainJob.chooseHost(window, "gpu");
    await window.panelText("The host key of gpu");
    await stage.picture("changed-key");
    expect(await sshd.log()).not.toMatch(/userauth-request/);
    await window.expandItem("Connections", "Known Hosts");
    await window.treeItem("Connections", "key changed").waitFor();
  });

  it("shows its old and its new key, and is trusted after two answers", async ({ stage, window, sshd }) => {
    await window.pressInPanel("The host key of gpu", "Compare Keys");
    await window.waitForQuickInput("has changed");
    await window.row(sshd.hostKey.fingerprint).waitFor();
    await window.row("Both Keys Are Right").waitFor();
    await stage.picture("compare-keys");
    await window.pick("Replace the Old Key");
    await window.page.locator(".monaco-dialog-box", { hasText: sshd.hostKey.fingerprint }).waitFor();
    await stage.picture("replace-key");
    await window.answerDialog("Replace Key");
    await window.notification("still has the old key").waitFor();
    await window.treeItem("Connections", "127.0.0.1").waitFor();
    await window.treeItem("Connections", "key changed").waitFor({ state: "detached" });
    await window.pressInPanel("The host key of gpu", "Try Again");
    await mainJob.waitForViewer(window, "resnet50-cifar10");
  });

  it("keys of the person's own file are taken over when they are chosen", async ({ stage }) => {
    const { window, laptop } = stage;
    const before = await readFile(join(laptop, ".ssh", "known_hosts"), "utf8");
    await window.command("Runicorn: Import Known Hosts…");
    await window.waitForQuickInput("Import from");
    await window.row("other.example").waitFor();
    // The key that was replaced is not offered again.
    expect(await window.quickInput.locator(".quick-input-list .monaco-list-row").count()).toBe(1);
    await stage.picture("import-known-hosts");
    await window.page.keyboard.press("Enter");
    await window.treeItem("Connections", "other.example").waitFor();
    await stage.picture("known-hosts");
    expect(await readFile(join(laptop, ".ssh", "known_hosts"), "utf8")).toBe(before);
  });
});
