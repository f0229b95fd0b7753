import { describe, expect } from "vitest";
import { canCheckPasswords } from "../support/pam.js";
import type { Sshd } from "../support/sshd.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { windowTest } from "../support/vscode/windowTest.js";

const password = "correct horse";

describe.skipIf(!canCheckPasswords)("a host that wants a password", () => {
  const it = windowTest({ version: "newest", password });

  const attempts = async (sshd: Sshd): Promise<number> =>
    (await sshd.log()).split("\n").filter((line) => /(Failed|Accepted) password/.test(line)).length;

  it("is told a wrong one once; the message says what was tried", async ({ stage, window, sshd }) => {
    await window.showSideBar("Runicorn Remote");
    await mainJob.chooseNewHost(window, "gpu");
    await window.waitForQuickInput("Password for");
    expect(await window.quickInputBox.getAttribute("type")).toBe("password");
    await window.type("wrong");
    await window.panelText("Tried: password");
    await stage.picture("wrong-password");
    expect(await attempts(sshd)).toBe(1);
  });

  it("is told the right one, which is kept when the person asks for it", async ({ stage, window, sshd }) => {
    await window.pressInPanel("Tried: password", "Try Again");
    await window.waitForQuickInput("Password for");
    await window.quickInput.locator('[aria-label="Keep in the secret store"]').click();
    await window.quickInput.getByText("will be kept in the secret store").waitFor();
    await stage.picture("keep-password");
    await window.type(password);
    await mainJob.waitForViewer(window, "resnet50-cifar10");
    expect(await attempts(sshd)).toBe(2);
  });

  it("is not asked about a password that was kept", async ({ window, sshd }) => {
    await window.command("Runicorn: Disconnect from Host");
    await window.answerDialog("Stop and Disconnect");
    await window.treeItem("Connections", /^gpu\s*not connected/).waitFor();
    await mainJob.chooseHost(window, "gpu");
    await window.treeItem("Connections", "running").waitFor();
    expect(await attempts(sshd)).toBe(3);
  });
});
