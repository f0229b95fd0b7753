import { describe, expect } from "vitest";
import { until } from "../support/until.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { windowTest } from "../support/vscode/windowTest.js";

describe("the diagnosis of a connection", () => {
  const it = windowTest({
    version: "newest",
    prepare: ({ window }) => window.showSideBar("Runicorn Remote"),
  });

  it("is offered where a connection fails, and says the cause on top", async ({ stage, window, sshd }) => {
    await sshd.halt();
    await mainJob.chooseHost(window, "gpu");
    await window.pressInPanel("refuses connections", "Diagnose Connection");
    const page = await window.panelText("TCP connection: ");
    await page.getByRole("heading", { name: /refuses connections/ }).waitFor();
    await stage.picture("diagnosis-refused");
    await sshd.resume();
  });

  it("goes through every step once the host is there, and its report is copied without secrets", async ({
    stage,
    window,
    sshd,
  }) => {
    await window.pressInPanel("refuses connections", "Diagnose Again");
    await mainJob.trustHostKey(window);
    await window.panelText("can be used: every step passed", 60_000);
    await stage.picture("diagnosis-passed");
    await window.pressInPanel("can be used", "Copy Report");
    const read = (): Promise<string> => window.page.evaluate("navigator.clipboard.readText()");
    await until("it is copied", async () => (await read()).includes("✓ Host key"));
    expect(await read()).not.toContain(sshd.identityFile);
  });
});
