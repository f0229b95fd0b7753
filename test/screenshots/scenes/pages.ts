import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { Frame } from "playwright-core";
import type { Gallery } from "../gallery.js";
import { personAt } from "../person.js";

/** The form of a connection, and hosts at a glance. */
export async function pages(gallery: Gallery): Promise<void> {
  const { window, words } = gallery;
  const person = personAt(gallery);
  const form = (): Promise<Frame> => person.says("What is open now goes on as it is.");
  const fill = async (name: string, text: string): Promise<void> =>
    (await form()).locator(`#field-${name} input`).fill(text);
  const press = async (button: string): Promise<void> =>
    (await form())
      .locator("vscode-button", { hasText: new RegExp(`^\\s*${words.of(button)}\\s*$`) })
      .locator("visible=true")
      .click();
  const tells = async (text: string): Promise<void> =>
    (await form()).getByText(words.of(text)).locator("visible=true").first().waitFor();

  await gallery.step("have a viewer", async () => {
    await person.closeEditors();
    await person.haveViewer();
    await person.closeEditors();
  });
  await gallery.view("glance", async () => {
    await person.run("showGlance");
    await window.panelText("NVIDIA");
  });
  await gallery.step("close the glance", () => person.closeEditors());
  await gallery.view("form", async () => {
    await window.chooseOnTreeItem(person.connections, /^gpu/, words.manifest("command.editConnection"));
    await form();
  });
  await gallery.view("form-problems", async () => {
    await fill("port", "70000");
    await fill("localPort", "80");
    await fill("jump", "-oProxyCommand=evil");
    await press("Save");
    await tells("A port is a number from 1 to 65535.");
  });
  await gallery.step("revert", () => press("Revert"));
  await gallery.view("form-testing", async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => void sockets.push(socket.resume()));
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    silent.unref();
    await fill("host", "127.0.0.1");
    await fill("port", String((silent.address() as AddressInfo).port));
    await press("Test Connection");
    await tells("Testing: {0}");
  });
  await gallery.step("cancel the test", async () => {
    await press("Cancel");
    await press("Revert");
  });
  await gallery.view("form-passed", async () => {
    await press("Test Connection");
    await tells("{0} can be used: every step passed.");
  });
  await gallery.view("form-refused", async () => {
    await fill("host", "127.0.0.1");
    await fill("port", "9");
    await press("Test Connection");
    await tells("{0} refuses connections.");
  });
  await gallery.view("form-unsaved", async () => {
    await window.command("View: Close Editor");
    await window.page.locator(".monaco-dialog-box").waitFor();
  });
  await gallery.step("do not save", () => person.answer("Don't Save"));
}
