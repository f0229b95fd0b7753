import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { type Scene, setScene } from "../support/vscode/stage.js";

/** The tests build on one another. */
describe("a data folder that cannot be used", { timeout: 200_000 }, () => {
  let home: string;
  let stage: Scene;
  let dataFolder: string;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "laptop-"));
    stage = await setScene({ version: "newest", home });
    dataFolder = dirname(stage.dataFile("connections.json"));
    await rm(dataFolder, { recursive: true, force: true });
    await mkdir(dirname(dataFolder), { recursive: true });
    await writeFile(dataFolder, "no folder");
  });
  afterAll(async () => {
    await stage.dispose();
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  });

  it("is named when something is to be opened", async () => {
    const { window } = stage;
    await window.showSideBar("Runicorn Remote");
    await window.command("Runicorn: Hosts at a Glance");
    await window.notification("Nothing can be kept in").waitFor();
  });

  it("needs no reload of the window once it is repaired, and the views are there", async () => {
    const { window } = stage;
    await rm(dataFolder);
    await window.command("Runicorn: Hosts at a Glance");
    await window.tabs.first().waitFor();
    await window.treeItem("Connections", "This Machine").waitFor();
  });
});
