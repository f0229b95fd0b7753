// npm run demo                a GPU server and a VS Code window in the browser, to try by hand
// npm run demo -- --check     goes through the main job by itself and leaves screenshots in demo-screenshots
// npm run demo -- --desktop   the same server with the VS Code that is installed here
import { spawnSync } from "node:child_process";
import { ensureDependencies, projectFolder } from "../support/dependencies.mjs";

ensureDependencies();
const { status } = spawnSync(process.execPath, ["esbuild.mjs"], { cwd: projectFolder, stdio: "inherit" });
if (status !== 0) process.exit(1);
process.chdir(projectFolder);
process.argv.splice(2, 0, "test/demo/demo.ts");
await import("../support/run-ts.mjs");
