import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { Frame, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { savedIdOf } from "../../src/savedConnectionId.js";
import type { SavedConnection } from "../../src/savedConnections.js";
import { until } from "../support/until.js";
import { violationsIn, violationsInThemes } from "../support/vscode/axe.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { picturesInThemes } from "../support/vscode/picturesInThemes.js";
import { setStage, type Stage } from "../support/vscode/stage.js";

/** The form of a connection. The tests build on one another. */
describe("the form of a connection", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({ version: "newest" });
    const { window, sshd } = stage;
    const gpu: SavedConnection = { id: savedIdOf({ host: "gpu" }), name: "gpu", target: { host: "gpu" } };
    const known = `[127.0.0.1]:${sshd.port} ${sshd.hostKey.type} ${sshd.hostKey.base64}\n`;
    await mkdir(stage.dataFile(""), { recursive: true, mode: 0o700 });
    await writeFile(stage.dataFile("connections.json"), JSON.stringify([gpu]), { mode: 0o600 });
    await writeFile(stage.dataFile("known_hosts"), known, { mode: 0o600 });
    await window.reload();
    await window.showSideBar("Runicorn Remote");
    await window.treeItem("Connections", /^gpu/).waitFor();
  });
  afterAll(() => stage.dispose());

  const form = (): Promise<Frame> => stage.window.panelText("What is open now goes on as it is.");
  const field = async (name: string): Promise<Locator> => (await form()).locator(`#field-${name} input`);
  const fill = async (name: string, text: string): Promise<void> => (await field(name)).fill(text);
  const press = async (button: string): Promise<void> =>
    (await form()).locator("vscode-button", { hasText: button }).locator("visible=true").click();
  const says = async (text: string): Promise<void> =>
    (await form()).getByText(text).locator("visible=true").first().waitFor();
  const saved = async (): Promise<readonly SavedConnection[]> =>
    JSON.parse(await readFile(stage.dataFile("connections.json"), "utf8")) as SavedConnection[];
  const edit = async (label: string | RegExp): Promise<void> => {
    await stage.window.chooseOnTreeItem("Connections", label, "Edit Connection…");
    await form();
  };
  const tab = (title: string | RegExp): Locator => stage.window.tabs.filter({ hasText: title });
  const closeTab = async (): Promise<void> => stage.window.command("View: Close Editor");

  it("asks before it tests an imported connection, as it does before it is connected to", async () => {
    const { window, sshd } = stage;
    const target = { host: "gpu", user: sshd.user };
    const theirs = { id: savedIdOf(target), name: "Colleague's", target, imported: true };
    const before = await saved();
    await writeFile(stage.dataFile("connections.json"), JSON.stringify([...before, theirs]));
    await edit(/^Colleague's/);
    await press("Test Connection");
    await window.dialog(`Connect to ${sshd.user}@gpu?`).waitFor();
    await window.answerDialog("Cancel");
    expect(await (await form()).getByText("TCP connection: ").isVisible()).toBe(false);
    expect((await saved()).at(-1)).toEqual(theirs);
    await press("Test Connection");
    await window.answerDialog("Connect");
    await (await form()).getByText("can be used: every step passed").waitFor({ timeout: 60_000 });
    expect((await saved()).at(-1)).not.toHaveProperty("imported");
    await closeTab();
    await writeFile(stage.dataFile("connections.json"), JSON.stringify(before));
    await window.treeItem("Connections", /^Colleague's/).waitFor({ state: "detached" });
  });

  it("says beside a field what is wrong with it, and saves nothing until that is mended", async () => {
    await edit(/^gpu/);
    await picturesInThemes(stage, "edit-connection");
    await fill("port", "70000");
    await fill("localPort", "80");
    await fill("jump", "-oProxyCommand=evil");
    await press("Save");
    await says("A port is a number from 1 to 65535.");
    await says("A port is a number from 1024 to 65535.");
    await says("Write user@host:port, with commas between several.");
    expect(await (await form()).evaluate("document.activeElement.id")).toBe("field-port");
    const told = await (await field("port")).getAttribute("aria-description");
    expect(told).toContain("A port is a number from 1 to 65535.");
    await picturesInThemes(stage, "edit-connection-problems");
    expect(await saved()).toMatchObject([{ target: { host: "gpu" } }]);
    expect((await saved())[0]).not.toHaveProperty("jump");
    await press("Revert");
  });

  it("saves by a button and by the keyboard, and the tree shows the new name", async () => {
    const { window } = stage;
    await fill("name", "Lab A100");
    await tab("● Connection gpu").waitFor();
    await press("Save");
    await says("Saved.");
    await window.treeItem("Connections", "Lab A100").waitFor();
    const lines = (await form()).locator("#field-lines textarea");
    await lines.fill("module load gcc\nexport A=1\u0007");
    await press("Save");
    await says("At most 50 lines and 8000 characters, without control characters.");
    await lines.fill("module load gcc\n\nexport A=1");
    await fill("root", "~/runs");
    await window.page.keyboard.press("Control+s");
    await until("it is kept", async () => (await saved())[0]?.root === "~/runs");
    expect((await saved())[0]?.lines).toBe("module load gcc\n\nexport A=1");
    await lines.fill("");
    await press("Save");
    await until("they are gone", async () => (await saved())[0]?.lines === undefined);
    await tab(/^Connection Lab A100/).waitFor();
  });

  it("is accessible in each of its states and in all colours", async () => {
    const page = await form();
    await fill("host", "ada@gpu");
    await press("Save");
    await says("This is no host name.");
    expect.soft(await violationsInThemes(stage.window, page)).toEqual([]);
    await press("Revert");
    const seen: string[] = [];
    await (await field("name")).focus();
    for (let tabs = 0; tabs < 17; tabs += 1) {
      seen.push(
        await page.evaluate<string>("document.activeElement.id || document.activeElement.textContent"),
      );
      await stage.window.page.keyboard.press("Tab");
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

  it("tests what stands in it, step by step, where the server refuses, and where it takes the key", async () => {
    const { window, sshd } = stage;
    await sshd.halt();
    await press("Test Connection");
    await says("TCP connection: ");
    await says("refuses connections");
    await picturesInThemes(stage, "edit-connection-refused");
    expect.soft(await violationsIn(await form())).toEqual([]);
    await sshd.resume();
    await press("Test Connection");
    await (await form()).getByText("can be used: every step passed").waitFor({ timeout: 60_000 });
    await stage.picture("edit-connection-passed");
    expect(await window.quickInput.isVisible()).toBe(false);
  });

  it("ends a test that is cancelled, and keeps nothing of what was only tested", async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => void sockets.push(socket.resume()));
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    const before = await saved();
    await fill("host", "127.0.0.1");
    await fill("port", String((silent.address() as AddressInfo).port));
    await press("Test Connection");
    await says("Testing: SSH server");
    await press("Cancel");
    await says("The test was cancelled.");
    await until(
      "its connection is closed",
      () => sockets.length > 0 && sockets.every(({ closed }) => closed),
    );
    silent.close();
    expect(await saved()).toEqual(before);
    await press("Revert");
  });

  it("keeps what was typed when the window is loaded anew", async () => {
    const { window } = stage;
    await fill("localPort", "24321");
    await tab("● Connection Lab A100").waitFor();
    // VS Code keeps what a page hands it every five seconds.
    await window.page.waitForTimeout(6_000);
    await window.reload();
    await tab("● Connection Lab A100").waitFor();
    await until(
      "it stands there again",
      async () => (await (await field("localPort")).inputValue()) === "24321",
    );
    await says("Not saved yet.");
    expect((await saved())[0]?.localPort).toBeUndefined();
    await press("Save");
    await says("Saved.");
    expect((await saved())[0]?.localPort).toBe(24_321);
  });

  it("asks about what was not saved when it is closed", async () => {
    const { window } = stage;
    await fill("name", "Another name");
    await tab("● Connection Lab A100").waitFor();
    await closeTab();
    await window.dialog("Save the changes to the connection Lab A100?").waitFor();
    await stage.picture("edit-connection-close");
    await window.answerDialog("Cancel");
    await until(
      "it stands there again",
      async () => (await (await field("name")).inputValue()) === "Another name",
    );
    await closeTab();
    await window.answerDialog("Don't Save");
    await tab("Connection Lab A100").waitFor({ state: "detached" });
    expect((await saved())[0]?.name).toBe("Lab A100");
  });

  it("leads elsewhere from the next connection on, by a key of its own, with its viewer at the port that was chosen", async () => {
    const { window, sshd } = stage;
    await window.treeItem("Connections", "Lab A100").waitFor();
    await edit("Lab A100");
    await fill("host", sshd.host);
    await fill("user", sshd.user);
    await fill("port", String(sshd.port));
    await fill("keyFile", "~/nowhere");
    await says("There is no such file.");
    await fill("keyFile", sshd.identityFile);
    await (await form()).locator("vscode-radio", { hasText: "By the key file alone" }).click();
    await press("Save");
    await says("Saved.");
    expect(await saved()).toMatchObject([
      { name: "Lab A100", target: { host: sshd.host, port: sshd.port }, authentication: "key" },
    ]);
    await closeTab();
    await window.treeItem("Connections", "Lab A100").waitFor();
    await window.treeItem("Connections", "Lab A100").click();
    const frame = await mainJob.waitForViewer(window, "resnet50-cifar10");
    expect(new URL(frame.url()).hostname).toBe("24321.localhost");
    expect(await sshd.log()).toContain("Accepted publickey");
  });

  it("is offered where a connection fails, and leads to no place twice", async () => {
    const { window, sshd } = stage;
    await window.command("Runicorn: Stop Viewer");
    await window.panelText("Nothing of it is left running on the host.");
    await sshd.halt();
    await window.treeItem("Connections", /Lab A100.*not connected/).waitFor();
    await mainJob.chooseHost(window, "gpu");
    await window.pressInPanel("refuses connections", "Edit Connection");
    expect(await (await field("host")).inputValue()).toBe("gpu");
    await fill("host", sshd.host);
    await fill("user", sshd.user);
    await fill("port", String(sshd.port));
    await press("Save");
    await says("Another connection leads to this host, with this user and port.");
    expect(await saved()).toHaveLength(1);
    await press("Revert");
    await closeTab();
    await sshd.resume();
  });
});
