import type { Frame } from "playwright-core";
import * as mainJob from "../support/vscode/mainJob.js";
import { until } from "../support/until.js";
import type { Gallery } from "./gallery.js";

/** A run of the samples, in no language. */
export const sampleRun = "resnet50-cifar10";
export const statusItem = "runicorn.runicorn-remote.runicorn.status";

/** What a person does at the window again and again, in whatever language it speaks. */
export function personAt({ window, words, stage }: Gallery) {
  const { keyboard } = window.page;
  const connections = words.manifest("view.connections");
  const runs = words.manifest("view.runs");
  const relay = words.manifest("view.relay");
  /** Pages that reload themselves, and the palette, may take it back. */
  const leave = async (): Promise<void> => {
    for (let press = 0; press < 3; press += 1) await keyboard.press("Escape");
    await window.quickInput.waitFor({ state: "hidden" });
  };
  const person = {
    connections,
    runs,
    relay,
    leave,
    run: (command: string) => window.command(words.command(command)),
    waitForQuestion: (title: string) => window.waitForQuickInput(words.of(title)),
    pick: (label: string) => window.pick(words.of(label)),
    says: (text: string) => window.panelText(words.of(text)),
    press: (text: string, button: string) => window.pressInPanel(words.of(text), words.of(button)),
    answer: (button: string) => window.answerDialog(words.of(button)),
    closeEditors: () => window.command("View: Close All Editors"),
    async closePanel(): Promise<void> {
      const panel = window.page.locator(".part.panel");
      if (!(await panel.isVisible())) return;
      await panel.locator('.title .action-label[aria-label^="Hide Panel"]').click();
      await panel.waitFor({ state: "hidden" });
    },
    host: () => window.treeItem(connections, /^gpu/),
    async chooseHost(alias = "gpu"): Promise<void> {
      await person.run("connect");
      await person.waitForQuestion("Connect to Host");
      await window.pick(alias);
    },
    async viewerIsShown(): Promise<Frame> {
      const frame = await mainJob.waitForViewer(window, sampleRun);
      await mainJob.closeRunicornSettings(frame);
      return frame;
    },
    /** A viewer is there afterwards, whatever was there before. */
    async haveViewer(): Promise<void> {
      await person.chooseHost();
      const title = window.quickInput.locator(".quick-input-title");
      // It may go between two looks.
      const asked = (): Promise<string> => title.innerText({ timeout: 1_000 }).catch(() => "");
      const isAsked = async (text: string): Promise<boolean> =>
        (await title.isVisible()) && (await asked()).includes(words.of(text));
      const isShown = (): boolean =>
        window.page.frames().some((frame) => /^http:\/\/\d+\.localhost:/.test(frame.url()));
      await until(
        "the viewer is there",
        async () => {
          if (await isAsked("Unknown host key of {0} (port {1})")) await person.pick("Trust and Connect");
          else if (await isAsked("Python environment on")) await window.pick("train");
          return isShown();
        },
        60_000,
      );
      await person.viewerIsShown();
    },
    async disconnect(): Promise<void> {
      await person.run("disconnect");
      await person.answer("Stop and Disconnect");
      await window.statusBarItem(statusItem).waitFor({ state: "hidden" });
    },
    /** The cards that a mouse brings out, once this is in one. */
    async hover(what: "host" | "viewer" | "status", text: string): Promise<void> {
      const place = {
        host: window.treeItem(connections, /^gpu/),
        viewer: window.treeItem(connections, /^runs/),
        status: window.statusBarItem(statusItem),
      }[what];
      const card = window.page.locator(".monaco-hover", { hasText: text });
      await until("the card is shown", async () => {
        await window.page.mouse.move(700, 300);
        await place.hover();
        return card.waitFor({ timeout: 3_000 }).then(
          () => true,
          () => false,
        );
      });
    },
    away: () => window.page.mouse.move(700, 300),
    /** What the host's side of open connections does next waits until `thaw`. */
    async freeze(): Promise<() => void> {
      const frozen = await stage.sshd.sessions();
      for (const pid of frozen) process.kill(pid, "SIGSTOP");
      return () => frozen.forEach((pid) => process.kill(pid, "SIGCONT"));
    },
  };
  return person;
}
