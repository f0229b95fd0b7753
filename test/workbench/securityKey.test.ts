import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { makeSecurityKey, type SecurityKey } from "../support/securityKey.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { windowTest } from "../support/vscode/windowTest.js";

describe("a host that wants a security key", () => {
  let device: SecurityKey | string;
  const it = windowTest({
    version: "newest",
    // The question for one of them ends what is looked at here.
    severalEnvironments: true,
    prepare: async ({ sshd, laptop }) => {
      device = makeSecurityKey(laptop, "2468");
      if (typeof device === "string") return;
      const key = join(laptop, ".ssh", "id_work_sk");
      device.makeKey(key, { verifyRequired: true, passphrase: "staple" });
      const publicKey = await readFile(`${key}.pub`, "utf8");
      await writeFile(join(sshd.folder, "authorized_keys"), `verify-required ${publicKey}`);
      const provider = `Host *\n  SecurityKeyProvider ${device.provider}\n`;
      const config = join(laptop, ".ssh", "config");
      const ownKey = (await readFile(config, "utf8")).replace(sshd.identityFile, key);
      await writeFile(config, ownKey);
      await appendFile(config, provider);
    },
  });

  it("asks for the passphrase and the PIN, says that it is to be touched, and opens", async ({
    stage,
    window,
    skip,
  }) => {
    if (typeof device === "string") return skip(device);
    await window.showSideBar("Runicorn Remote");
    await mainJob.chooseNewHost(window, "gpu");
    await window.waitForQuickInput("Passphrase for");
    expect(await window.quickInputBox.getAttribute("type")).toBe("password");
    await stage.picture("certificate-passphrase");
    await window.type("wrong");
    await window.quickInput.getByText("Wrong passphrase").waitFor();
    await window.type("staple");
    await window.waitForQuickInput("PIN of the security key");
    expect(await window.quickInputBox.getAttribute("type")).toBe("password");
    await stage.picture("security-key-pin");
    await window.type("2468");
    await window.panelText("touch your security key");
    await stage.picture("security-key-touch");
    await device.touch();
    await mainJob.waitForEnvironments(window, "train");
    await window.page.keyboard.press("Escape");
    expect(await device.log()).toEqual(["signed"]);
  });

  it("a question that is closed ends it quietly; a wrong PIN is said, with the key's name", async ({
    stage,
    window,
    skip,
  }) => {
    if (typeof device === "string") return skip(device);
    await window.command("Runicorn: Disconnect from Host");
    await window.treeItem("Connections", /^gpu\s*not connected/).waitFor();
    await mainJob.chooseHost(window, "gpu");
    await window.waitForQuickInput("Passphrase for");
    await window.page.keyboard.press("Escape");
    await window.panelWithout("Opening the viewer on");
    await mainJob.chooseHost(window, "gpu");
    await window.waitForQuickInput("Passphrase for");
    await window.type("staple");
    await window.waitForQuickInput("PIN of the security key");
    await window.type("1111");
    const said = await window.panelText("The PIN may have been wrong");
    await said.getByText("id_work_sk").first().waitFor();
    await stage.picture("security-key-wrong-pin");
    expect(await device.log()).toEqual(["signed", "wrong PIN"]);
  });
});
