import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { openDesktop } from "./desktop.js";
import { type DemoScene, prepareScene } from "./scene.js";
import { checkMainJob } from "./checkMainJob.js";
import { startVsCode } from "../support/vscode/openWindow.js";
import { settingsForPeople } from "../support/vscode/settings.js";

const instructions = `
  1. Open the "Runicorn Remote" icon in the activity bar, on the far left.
  2. Press "Connect to Host…" and choose demo-gpu.
  3. Compare the host key's fingerprint with the one below, then choose "Trust and Connect".
  4. Choose the environment "train" and accept the storage root.
  5. Runicorn's page with its sample experiments opens in a panel.

  The window runs what this folder's dist/ holds: after a new build, run "Developer: Reload Window" in it.
`;

await main();

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { check: { type: "boolean" }, desktop: { type: "boolean" } } });
  console.log("Preparing a server with Python environments and sample experiments…");
  const scene = await prepareScene();
  try {
    if (values.check) await checkMainJob(scene);
    else if (values.desktop) await show(scene, await openDesktop(scene));
    else await show(scene, await startInBrowser(scene));
  } finally {
    await scene.dispose();
  }
}

interface Shown {
  readonly where: string;
  dispose(): Promise<void>;
}

/** A window that takes the extension from this folder, as `code --extensionDevelopmentPath` does. */
async function startInBrowser({ clientHome }: DemoScene): Promise<Shown> {
  const { url, workspace, dispose } = await startVsCode({
    version: "newest",
    home: clientHome,
    installExtension: false,
    development: true,
    settings: settingsForPeople,
  });
  const extension = `vscode-remote://${new URL(url).host}${pathToFileURL(process.cwd()).pathname}`;
  const parameters = new URLSearchParams({
    folder: workspace,
    payload: JSON.stringify([["extensionDevelopmentPath", extension]]),
  });
  return { where: `Open ${url}/?${parameters.toString()}`, dispose };
}

async function show({ fingerprint }: DemoScene, { where, dispose }: Shown): Promise<void> {
  console.log(
    `\n${where}\n${instructions}\n  Host key of demo-gpu: ${fingerprint}\n\nCtrl-C ends everything.`,
  );
  await new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  console.log("\nStopping…");
  await dispose();
}
