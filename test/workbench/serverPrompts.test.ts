import { afterAll, expect } from "vitest";
import { type AskingServer, startAskingServer } from "../support/askingServer.js";
import { writeSshConfig } from "../support/clientHome.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { until } from "../support/until.js";
import { windowTest } from "../support/vscode/windowTest.js";

let asking: AskingServer;
let waiting: AskingServer;
let release: () => void = () => undefined;

afterAll(async () => {
  await asking.stop();
  await waiting.stop();
});
const it = windowTest({
  version: "newest",
  prepare: async ({ laptop }) => {
    asking = await startAskingServer(laptop, {
      name: "Passphrase for ~/.ssh/id_ed25519",
      instruction: "It unlocks the private key\r\nand is not sent anywhere.\u202e",
      prompts: [{ prompt: "Passphrase: ", echo: false }],
    });
    const released = new Promise<void>((resolve) => (release = resolve));
    const instruction = "Confirm at https://login.example/a/1f2e [or here](command:workbench.action.quit)";
    waiting = await startAskingServer(laptop, { name: "", instruction, prompts: [] }, released);
    await writeSshConfig(laptop, [
      { alias: "liar", port: asking.port, user: "ada" },
      { alias: "elsewhere", port: waiting.port, user: "ada" },
    ]);
  },
});

it("what a server asks stands below a title of ours, which names the host", async ({ stage, window }) => {
  await window.showSideBar("Runicorn Remote");
  await mainJob.chooseNewHost(window, "liar");
  await window.waitForQuickInput("ada@liar asks");
  const said =
    "The server says: Passphrase for ~/.ssh/id_ed25519 It unlocks the private key and is not sent anywhere.\\u{202e} Passphrase:";
  await window.quickInput.getByText(said).waitFor();
  expect(await window.quickInputBox.getAttribute("type")).toBe("password");
  await stage.picture("server-asks");
  await window.type("a secret");
  await until("the server has the answer", () => asking.answers.length > 0);
  expect(asking.answers).toEqual([["a secret"]]);
});

it("what a server tells while it waits is shown at once, and a link in it can be opened or copied", async ({
  stage,
  window,
}) => {
  await mainJob.chooseNewHost(window, "elsewhere");
  const progress = await window.panelText("ada@elsewhere says: Confirm at");
  const offer = window.notification("ada@elsewhere says: https://login.example/a/1f2e");
  await offer.locator(".monaco-button", { hasText: "Open Link" }).waitFor();
  // What a server writes never becomes a command.
  expect(await window.page.locator('.notification-toast a[href^="command:"]').count()).toBe(0);
  await progress.getByText("[or here] (command:workbench.action.quit)").waitFor();
  await stage.picture("server-waits");
  await window.pressInNotification("says: https://login.example", "Copy Link");
  release();
  await window.panelText("rejected user ada");
});
