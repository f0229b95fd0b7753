import type { Gallery } from "../gallery.js";
import { personAt, statusItem } from "../person.js";

/** From an empty side bar to a viewer that runs. */
export async function firstTime(gallery: Gallery): Promise<void> {
  const { window, words } = gallery;
  const person = personAt(gallery);
  const escape = (): Promise<void> => person.leave();

  await gallery.view("tree-empty", async () => {
    await person.away();
    await person.host().waitFor();
  });
  await gallery.view("walkthrough", async () => {
    await window.command("Welcome: Open Walkthrough...");
    await window.pick(words.manifest("walkthrough.title"));
    await window.page.getByText(words.manifest("walkthrough.connect.title")).first().waitFor();
  });
  await gallery.view("walkthrough-viewer", async () => {
    // Where the window is narrow, a walkthrough has no pictures.
    await window.command("View: Toggle Primary Side Bar Visibility");
    await window.page.getByText(words.manifest("walkthrough.viewer.title")).first().click();
    await window.page.locator(".getting-started-media img").first().waitFor();
  });
  await gallery.step("close the walkthrough", async () => {
    await person.closeEditors();
    await window.showSideBar("Runicorn Remote");
  });
  await gallery.view("settings", async () => {
    await window.command("Preferences: Open Settings (UI)");
    await window.page.locator(".settings-editor .search-container .monaco-editor").click();
    await window.page.keyboard.type("@ext:runicorn.runicorn-remote");
    await window.page.locator(".setting-item-label", { hasText: "Grace Minutes" }).first().waitFor();
    await window.page.keyboard.press("Escape");
  });
  await gallery.step("close the settings", () => person.closeEditors());
  await gallery.view("details", async () => {
    await window.command("Extensions: Show Installed Extensions");
    await window.page.locator(".extension-list-item", { hasText: "Runicorn Remote" }).first().click();
    await window.panelText("Your runs train on a GPU server");
  });
  await gallery.step("close the details", async () => {
    await person.closeEditors();
    await window.showSideBar("Runicorn Remote");
  });
  await gallery.view("documents", async () => {
    await person.run("showDocs");
    await person.waitForQuestion("Documentation");
  });
  await gallery.step("close the documents", escape);
  await gallery.view("host-picker", async () => {
    await person.run("connect");
    await person.waitForQuestion("Connect to Host");
    await window.row("gpu").waitFor();
  });
  await gallery.step("close the picker", escape);
  await gallery.view("host-key", async () => {
    await person.chooseHost();
    await person.waitForQuestion("Unknown host key of {0} (port {1})");
  });
  await gallery.step("trust the host", () => person.pick("Trust and Connect"));
  await gallery.view("environments", async () => {
    await person.waitForQuestion("Python environment on");
    await window.row("train").waitFor();
  });
  let thaw = (): void => undefined;
  await gallery.view("steps", async () => {
    await window.pick("train");
    await window.quickInput.waitFor({ state: "hidden" });
    thaw = await person.freeze();
    await person.says("Opening the viewer on");
  });
  thaw();
  await gallery.view("viewer", () => person.viewerIsShown());
  await gallery.view("known-hosts", async () => {
    await window.expandItem(person.connections, words.of("Known Hosts"));
    await window.treeItem(person.connections, "127.0.0.1").waitFor();
  });
  await gallery.view("tooltip-host", () => person.hover("host", "NVIDIA"), true);
  await gallery.view("tooltip-viewer", () => person.hover("viewer", "train"), true);
  await gallery.view("tooltip-status", () => person.hover("status", "gpu"), true);
  await gallery.step("take the mouse away", person.away);
  await gallery.view("menu-status", async () => {
    await window.statusBarItem(statusItem).click();
    await window.waitForQuickInput("Runicorn Remote");
  });
  await gallery.step("close the menu", escape);
  await gallery.view("menu-host", async () => {
    await person.host().click({ button: "right" });
    await window.page.locator(".monaco-menu .action-label").first().waitFor();
  });
  await gallery.step("close the host's menu", escape);
  await gallery.view("menu-viewer", async () => {
    await window.treeItem(person.connections, /^runs/).click({ button: "right" });
    await window.page.locator(".monaco-menu .action-label").first().waitFor();
  });
  await gallery.step("close the viewer's menu", escape);
  await gallery.view("viewer-log", async () => {
    await person.run("showViewerLog");
    await window
      .outputLine(/Uvicorn/.source)
      .first()
      .waitFor();
  });
  await gallery.step("close the log", () => person.closePanel());
  await gallery.view("storage-root", async () => {
    await person.run("openViewer");
    await person.waitForQuestion("Python environment on");
    await window.pick("train");
    await person.waitForQuestion("Storage root on");
  });
  await gallery.view("root-missing", async () => {
    await window.quickInputBox.fill(`${gallery.stage.host.home}/new runs`);
    await window.page.keyboard.press("Enter");
    await window.row(words.of("Create Folder")).waitFor();
  });
  await gallery.step("leave the missing root", escape);
  await gallery.view("disconnect", async () => {
    await person.run("disconnect");
    await window.page.locator(".monaco-dialog-box").waitFor();
  });
  await gallery.step("stay connected", () => window.page.keyboard.press("Escape"));
}
