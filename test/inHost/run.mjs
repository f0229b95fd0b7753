// Runs the tests of test/inHost/suite inside the extension host of the oldest and the newest VS Code.
//   node test/inHost/run.mjs [oldest|newest]
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { runTests } from "@vscode/test-electron";
import { build } from "esbuild";
import { projectFolder } from "../support/dependencies.mjs";

const cache = join(projectFolder, ".cache");
const bundle = join(cache, "inHost", "suite.cjs");
const desktop = process.env.VSCODE_EXECUTABLE;

await build({
  entryPoints: [join(projectFolder, "test/inHost/suite/index.ts")],
  outfile: bundle,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  external: ["vscode", "mocha"],
  loader: { ".sh": "text", ".py": "text" },
  logLevel: "warning",
});
mkdirSync(join(cache, "results"), { recursive: true });
const wanted = process.argv.length > 2 ? process.argv.slice(2) : ["oldest", "newest"];
let failed = 0;
for (const version of wanted) {
  console.log(`In the extension host of the ${version} VS Code`);
  const status = await runTests({
    vscodeExecutablePath: desktop ?? join(projectFolder, "test/support/vscode/code.mjs"),
    extensionDevelopmentPath: projectFolder,
    extensionTestsPath: bundle,
    extensionTestsEnv: {
      VSCODE_VERSION: version,
      TEST_REPORT: join(cache, "results", `in-host-${version}.json`),
    },
  }).catch((error) => {
    console.error(String(error));
    return 1;
  });
  if (status !== 0) failed += 1;
}
process.exitCode = failed;
