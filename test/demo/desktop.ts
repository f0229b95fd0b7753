import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "../support/packages.js";
import { quietSettings, settingsForPeople } from "../support/vscode/settings.js";
import type { DemoScene } from "./scene.js";

/** Opens the VS Code that is installed here with a profile of its own; nothing of the person's is touched. */
export async function openDesktop({
  clientHome,
}: DemoScene): Promise<{ where: string; dispose: () => Promise<void> }> {
  const code = findProgram("code");
  if (!code)
    throw new Error("there is no `code` on the PATH; without --desktop the demo brings its own VS Code");
  const folder = await mkdtemp(join(tmpdir(), "vscode-desktop-"));
  await mkdir(join(folder, "project"));
  await mkdir(join(folder, "data", "User"), { recursive: true });
  await writeFile(
    join(folder, "data", "User", "settings.json"),
    JSON.stringify({ ...quietSettings, ...settingsForPeople }),
  );
  const flags = [
    `--user-data-dir=${join(folder, "data")}`,
    `--extensions-dir=${join(folder, "extensions")}`,
    `--extensionDevelopmentPath=${process.cwd()}`,
    "--disable-workspace-trust",
    "--wait",
    join(folder, "project"),
  ];
  const child = spawn(code, flags, {
    stdio: "ignore",
    env: {
      ...process.env,
      HOME: clientHome,
      SSH_AUTH_SOCK: "",
      // The screen's key lies in the real home.
      XAUTHORITY: process.env["XAUTHORITY"] ?? join(homedir(), ".Xauthority"),
    },
  });
  return {
    where: "VS Code opens in a moment.",
    dispose: async () => {
      child.kill();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
