// npm run screenshots                        a picture of each view and state, in all colours
// npm run screenshots -- --language zh-cn    in Chinese; --theme dark, --scene troubles and --view 'form*' likewise
// npm run screenshots -- --docs              writes those of the documents anew, from pictures that are there
// They lie in .cache/screenshots/LANGUAGE/THEME/VIEW.png, with index.html as a sheet of all.
import { spawnSync } from "node:child_process";
import { ensureDependencies, projectFolder } from "../support/dependencies.mjs";

ensureDependencies();
const { status } = spawnSync(process.execPath, ["esbuild.mjs"], { cwd: projectFolder, stdio: "inherit" });
if (status !== 0) process.exit(1);
process.chdir(projectFolder);
process.argv.splice(2, 0, "test/screenshots/screenshots.ts");
await import("../support/run-ts.mjs");
