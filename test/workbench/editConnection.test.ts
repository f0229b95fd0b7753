import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { Frame, Locator } from "playwright-core";
import { describe, expect } from "vitest";
import { savedIdOf } from "../../src/savedConnectionId.js";
import { until } from "../support/until.js";
import { violationsIn, violationsInThemes } from "../support/vscode/axe.js";
import { keptConnections, loadWithConnections } from "../support/vscode/keptConnections.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { picturesInThemes } from "../support/vscode/picturesInThemes.js";
import type { Window } from "../support/vscode/window.js";
import { windowTest } from "../support/vscode/windowTest.js";

/** What a person does in the form of a connection, and sees there. */
const formIn = (window: Window) => {
  const page = (): Promise<Frame> => window.panelText("What is open now goes on as it is.");
  const field = async (name: string): Promise<Locator> => (await page()).locator(`#field-${name} input`);
  const fill = async (name: string, text: string): Promise<void> => (await field(name)).fill(text);
  const press = async (button: string): Promise<void> =>
    (await page()).locator("vscode-button", { hasText: button }).locator("visible=true").click();
  const says = async (text: string): Promise<void> =>
    (await page()).getByText(text).locator("visible=true").first().waitFor();
  const edit = async (label: string | RegExp): Promise<void> => {
    await window.chooseOnTreeItem("Connections", label, "Edit Connection…");
    await page();
  };
  return { page, field, fill, press, says, edit };
};

/** The form of a connection. The tests build on one another. */
describe("the form of a connection", () => {
  const it = windowTest({
    version: "newest",
    prepare: async (stage) => {
      const { window, sshd } = stage;
      const known = `[127.0.0.1]:${sshd.port} ${sshd.hostKey.type} ${sshd.hostKey.base64}\n`;
      await loadWithConnections(stage, [{ name: "gpu", target: { host: "gpu" } }], known);
      await window.showSideBar("Runicorn Remote");
      await window.treeItem("Connections", /^gpu/).waitFor();
    },
  }).extend("form", ({ window }) => formIn(window));

  const tab = (window: Window, title: string | RegExp): Locator => window.tabs.filter({ hasText: title });
  const closeTab = async (window: Window): Promise<void> => window.command("View: Close Editor");

  it("asks before it tests an imported connection, as it does before it is connected to", async ({
    stage,
    window,
    sshd,
    form,
  }) => {
    const target = { host: "gpu", user: sshd.user };
    const theirs = { id: savedIdOf(target), name: "Colleague's", target, imported: true };
    const before = await keptConnections(stage);
    await writeFile(stage.dataFile("connections.json"), JSON.stringify([...before, theirs]));
    await form.edit(/^Colleague's/);
    await form.press("Test Connection");
    await window.dialog(`Connect to ${sshd.user}@gpu?`).waitFor();
    await window.answerDialog("Cancel");
    expect(await (await form.page()).getByText("TCP connection: ").isVisible()).toBe(false);
    expect((await keptConnections(stage)).at(-1)).toEqual(theirs);
    await form.press("Test Connection");
    await window.answerDialog("Connect");
    await (await form.page()).getByText("can be used: every step passed").waitFor({ timeout: 60_000 });
    expect((await keptConnections(stage)).at(-1)).not.toHaveProperty("imported");
    await closeTab(window);
    await writeFile(stage.dataFile("connections.json"), JSON.stringify(before));
    await window.treeItem("Connections", /^Colleague's/).waitFor({ state: "detached" });
  });

  it("says beside a field what is wrong with it, and saves nothing until that is mended", async ({
    stage,
    form,
  }) => {
    await form.edit(/^gpu/);
    await picturesInThemes(stage, "edit-connection");
    await form.fill("port", "70000");
    await form.fill("localPort", "80");
    await form.fill("jump", "-oProxyCommand=evil");
    await form.press("Save");
    await form.says("A port is a number from 1 to 65535.");
    await form.says("A port is a number from 1024 to 65535.");
    await form.says("Write user@host:port, with commas between several.");
    expect(await (await form.page()).evaluate("document.activeElement.id")).toBe("field-port");
    const told = await (await form.field("port")).getAttribute("aria-description");
    expect(told).toContain("A port is a number from 1 to 65535.");
    await picturesInThemes(stage, "edit-connection-problems");
    expect(await keptConnections(stage)).toMatchObject([{ target: { host: "gpu" } }]);
    expect((await keptConnections(stage))[0]).not.toHaveProperty("jump");
    await form.press("Revert");
  });

  it("saves by a button and by the keyboard, and the tree shows the new name", async ({
    stage,
    window,
    form,
  }) => {
    await form.fill("name", "Lab A100");
    await tab(window, "● Connection gpu").waitFor();
    await form.press("Save");
    await form.says("Saved.");
    await window.treeItem("Connections", "Lab A100").waitFor();
    const lines = (await form.page()).locator("#field-lines textarea");
    await lines.fill("module load gcc\nexport A=1\u0007");
    await form.press("Save");
    await form.says("At most 50 lines and 8000 characters, without control characters.");
    await lines.fill("module load gcc\n\nexport A=1");
    await form.fill("root", "~/runs");
    await window.page.keyboard.press("Control+s");
    await until("it is kept", async () => (await keptConnections(stage))[0]?.root === "~/runs");
    expect((await keptConnections(stage))[0]?.lines).toBe("module load gcc\n\nexport A=1");
    await lines.fill("");
    await form.press("Save");
    await until("they are gone", async () => (await keptConnections(stage))[0]?.lines === undefined);
    await tab(window, /^Connection Lab A100/).waitFor();
  });

  it("is accessible in each of its states and in all colours", async ({ window, form }) => {
    const page = await form.page();
    await form.fill("host", "ada@gpu");
    await form.press("Save");
    await form.says("This is no host name.");
    expect.soft(await violationsInThemes(window, page)).toEqual([]);
    await form.press("Revert");
    const seen: string[] = [];
    await (await form.field("name")).focus();
    for (let tabs = 0; tabs < 17; tabs += 1) {
      seen.push(
        await page.evaluate<string>("document.activeElement.id || document.activeElement.textContent"),
      );
      await window.page.keyboard.press("Tab");
    }
    expect(seen).toEqual(
      expect.arrayContaining([
        "field-user",
        "field-keyFile",
        "Browse…",
        "field-localPort",
        "Save",
        "Test Connection",
      ]),
    );
  });

  it("tests what stands in it, step by step, where the server refuses, and where it takes the key", async ({
    stage,
    window,
    sshd,
    form,
  }) => {
    await sshd.halt();
    await form.press("Test Connection");
    await form.says("TCP connection: ");
    await form.says("refuses connections");
    await picturesInThemes(stage, "edit-connection-refused");
    expect.soft(await violationsIn(await form.page())).toEqual([]);
    await sshd.resume();
    await form.press("Test Connection");
    await (await form.page()).getByText("can be used: every step passed").waitFor({ timeout: 60_000 });
    await stage.picture("edit-connection-passed");
    expect(await window.quickInput.isVisible()).toBe(false);
  });

  it("ends a test that is cancelled, and keeps nothing of what was only tested", async ({ stage, form }) => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => void sockets.push(socket.resume()));
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    const before = await keptConnections(stage);
    await form.fill("host", "127.0.0.1");
    await form.fill("port", String((silent.address() as AddressInfo).port));
    await form.press("Test Connection");
    await form.says("Testing: SSH server");
    await form.press("Cancel");
    await form.says("The test was cancelled.");
    await until(
      "its connection is closed",
      () => sockets.length > 0 && sockets.every(({ closed }) => closed),
    );
    silent.close();
    expect(await keptConnections(stage)).toEqual(before);
    await form.press("Revert");
  });

  it("keeps what was typed when the window is loaded anew", async ({ stage, window, form }) => {
    await form.fill("localPort", "24321");
    await tab(window, "● Connection Lab A100").waitFor();
    // VS Code keeps what a page hands it every five seconds.
    await window.page.waitForTimeout(6_000);
    await window.reload();
    await tab(window, "● Connection Lab A100").waitFor();
    await until(
      "it stands there again",
      async () => (await (await form.field("localPort")).inputValue()) === "24321",
    );
    await form.says("Not saved yet.");
    expect((await keptConnections(stage))[0]?.localPort).toBeUndefined();
    await form.press("Save");
    await form.says("Saved.");
    expect((await keptConnections(stage))[0]?.localPort).toBe(24_321);
  });

  it("asks about what was not saved when it is closed", async ({ stage, window, form }) => {
    await form.fill("name", "Another name");
    await tab(window, "● Connection Lab A100").waitFor();
    await closeTab(window);
    await window.dialog("Save the changes to the connection Lab A100?").waitFor();
    await stage.picture("edit-connection-close");
    await window.answerDialog("Cancel");
    await until(
      "it stands there again",
      async () => (await (await form.field("name")).inputValue()) === "Another name",
    );
    await closeTab(window);
    await window.answerDialog("Don't Save");
    await tab(window, "Connection Lab A100").waitFor({ state: "detached" });
    expect((await keptConnections(stage))[0]?.name).toBe("Lab A100");
  });

  it("leads elsewhere from the next connection on, by a key of its own, with its viewer at the port that was chosen", async ({
    stage,
    window,
    sshd,
    form,
  }) => {
    await window.treeItem("Connections", "Lab A100").waitFor();
    await form.edit("Lab A100");
    await form.fill("host", sshd.host);
    await form.fill("user", sshd.user);
    await form.fill("port", String(sshd.port));
    await form.fill("keyFile", "~/nowhere");
    await form.says("There is no such file.");
    await form.fill("keyFile", sshd.identityFile);
    await (await form.page()).locator("vscode-radio", { hasText: "By the key file alone" }).click();
    await form.press("Save");
    await form.says("Saved.");
    expect(await keptConnections(stage)).toMatchObject([
      { name: "Lab A100", target: { host: sshd.host, port: sshd.port }, authentication: "key" },
    ]);
    await closeTab(window);
    await window.treeItem("Connections", "Lab A100").waitFor();
    await window.treeItem("Connections", "Lab A100").click();
    const frame = await mainJob.waitForViewer(window, "resnet50-cifar10");
    expect(new URL(frame.url()).hostname).toBe("24321.localhost");
    expect(await sshd.log()).toContain("Accepted publickey");
  });

  it("is offered where a connection fails, and leads to no place twice", async ({
    stage,
    window,
    sshd,
    form,
  }) => {
    await window.command("Runicorn: Stop Viewer");
    await window.panelText("Nothing of it is left running on the host.");
    await sshd.halt();
    await window.treeItem("Connections", /Lab A100.*not connected/).waitFor();
    await mainJob.chooseHost(window, "gpu");
    await window.pressInPanel("refuses connections", "Edit Connection");
    expect(await (await form.field("host")).inputValue()).toBe("gpu");
    await form.fill("host", sshd.host);
    await form.fill("user", sshd.user);
    await form.fill("port", String(sshd.port));
    await form.press("Save");
    await form.says("Another connection leads to this host, with this user and port.");
    expect(await keptConnections(stage)).toHaveLength(1);
    await form.press("Revert");
    await closeTab(window);
    await sshd.resume();
  });
});
