import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { viewersIn } from "../../support/processes.js";
import { makeKey } from "../../support/sshd.js";
import { until } from "../../support/until.js";
import type { Gallery } from "../gallery.js";
import { personAt } from "../person.js";

/** Milliseconds: VS Code writes down what its window shows every five seconds, and not when it is closed. */
const windowIsSaved = 6_000;

/** What is shown where something does not work, or is over. */
export async function troubles(gallery: Gallery): Promise<void> {
  const { window, stage, words } = gallery;
  const { sshd, host } = stage;
  const person = personAt(gallery);

  await gallery.step("have a viewer", async () => {
    await person.closeEditors();
    await person.haveViewer();
  });
  await gallery.view("reconnecting", async () => {
    await sshd.halt();
    await person.says("Reconnecting to");
  });
  await gallery.view("stop-unconfirmed", async () => {
    await person.run("stopViewer");
    await person.says("It could not be confirmed that the viewer on {0} was stopped. {1}");
  });
  await gallery.view("stopped", async () => {
    await sshd.resume();
    await person.press("It could not be confirmed that the viewer on {0} was stopped. {1}", "Try Again");
    await person.says("Nothing of it is left running on the host.");
  });
  await gallery.view("ended-while-away", async () => {
    await person.press("The viewer on {0} was stopped.", "Start Again");
    await person.viewerIsShown();
    await delay(windowIsSaved);
    const address = window.page.url();
    await window.page.goto("about:blank");
    for (const { pid } of await viewersIn(host.home)) endIfPresent(pid);
    await until("no viewer on the host", async () => (await viewersIn(host.home)).length === 0);
    await window.page.goto(address);
    await window.showSideBar("Runicorn Remote");
    await person.says("The viewer on {0} was ended.");
  });
  await gallery.view("refused", async () => {
    await person.closeEditors();
    await sshd.halt();
    await person.chooseHost();
    await person.says("{0} refuses connections.");
  });
  await gallery.view("diagnosis-refused", async () => {
    await person.press("{0} refuses connections.", "Diagnose Connection");
    await person.says("Diagnose Again");
  });
  await gallery.view("diagnosis-passed", async () => {
    await sshd.resume();
    await person.press("{0} refuses connections.", "Diagnose Again");
    await person.says("{0} can be used: every step passed.");
  });
  // A mirror connects again by itself, and an open connection meets no other key.
  await gallery.step("leave the host", async () => {
    await person.closeEditors();
    await person.run("disconnect");
    await window.treeItem(person.connections, new RegExp(`^gpu.*${words.of("not connected")}`)).waitFor();
    await window.command("Notifications: Clear All Notifications");
  });
  await gallery.view("key-changed", async () => {
    const other = join(sshd.folder, "other");
    makeKey(other, "ed25519", "");
    const file = stage.dataFile("known_hosts");
    const name = `[127.0.0.1]:${sshd.port}`;
    const lines = (await readFile(file, "utf8")).split("\n").filter((line) => !line.startsWith(name));
    await writeFile(file, [`${name} ${await readFile(`${other}.pub`, "utf8")}`, ...lines].join("\n"));
    await person.chooseHost();
    await person.says("The host key of {0} has changed. Somebody may be pretending to be this host.");
  });
  await gallery.view("compare-keys", async () => {
    await person.press(
      "The host key of {0} has changed. Somebody may be pretending to be this host.",
      "Compare Keys",
    );
    await window.row(sshd.hostKey.fingerprint).waitFor();
  });
  await gallery.view("replace-key", async () => {
    await person.pick("Replace the Old Key");
    await window.page.locator(".monaco-dialog-box").waitFor();
  });
  await gallery.step("trust the new key", () => person.answer("Replace Key"));
}

function endIfPresent(pid: number): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch {
    // It has ended by itself.
  }
}
