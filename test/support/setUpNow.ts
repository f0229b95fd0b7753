import { ensureNodeTools, ensurePythonTool } from "./generated/tools.js";
import { installForHosts } from "./hostSetup.js";
import { runicornVersions } from "./runicorn/install.js";
import { ensureSystemRunicorn, noCluster } from "./slurm/install.js";
import { ensureChromium } from "./vscode/chromium.js";
import { installCodeServer } from "./vscode/installCodeServer.js";
import { versions } from "./vscode/versions.js";

/* Installs what any test needs, one after the other; nothing is built. It waits for the network most of the time. */

await installForHosts();
await ensurePythonTool("openapi-python-client");
await ensurePythonTool("schemathesis");
await ensureNodeTools();
if (noCluster === undefined)
  await Promise.all(Object.values(runicornVersions).map((one) => ensureSystemRunicorn(one)));
ensureChromium();
for (const version of Object.values(versions)) await installCodeServer(version);
