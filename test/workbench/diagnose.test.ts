import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../support/until.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { setStage, type Stage } from "../support/vscode/stage.js";

describe("the diagnosis of a connection", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({ version: "newest" });
    await stage.window.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await stage.window.showSideBar("Runicorn Remote");
  });
  afterAll(() => stage.dispose());

  it("is offered where a connection fails, and says the cause on top", async () => {
    const { window, sshd } = stage;
    await sshd.halt();
    await mainJob.chooseHost(window, "gpu");
    await window.pressInPanel("refuses connections", "Diagnose Connection");
    const page = await window.panelText("TCP connection: ");
    await page.getByRole("heading", { name: /refuses connections/ }).waitFor();
    await stage.picture("diagnosis-refused");
    await sshd.resume();
  });

  it("goes through every step once the host is there, and its report is copied without secrets", async () => {
    const { window, sshd } = stage;
    await window.pressInPanel("refuses connections", "Diagnose Again");
    await window.waitForQuickInput("Unknown host key");
    await window.pick("Trust and Connect");
    await window.panelText("can be used: every step passed", 60_000);
    await stage.picture("diagnosis-passed");
    await window.pressInPanel("can be used", "Copy Report");
    const read = (): Promise<string> => window.page.evaluate("navigator.clipboard.readText()");
    await until("it is copied", async () => (await read()).includes("✓ Host key"));
    expect(await read()).not.toContain(sshd.identityFile);
  });
});
