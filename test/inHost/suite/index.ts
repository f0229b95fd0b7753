import { writeFileSync } from "node:fs";
import Mocha from "mocha";
import * as activation from "./activation.js";
import * as contributions from "./contributions.js";
import * as links from "./links.js";
import * as windowsHost from "./windowsHost.js";

/** What VS Code calls: rejects when a test failed. Leaves a report in the file named by TEST_REPORT. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: "bdd", timeout: 30_000, reporter: "base" });
  mocha.suite.emit("pre-require", globalThis, "", mocha);
  activation.define();
  contributions.define();
  links.define();
  windowsHost.define();
  const passed: string[] = [];
  const failed: string[] = [];
  await new Promise<void>((resolve) => {
    mocha
      .run(() => resolve())
      .on("pass", (test) => {
        passed.push(test.fullTitle());
        console.log(`[test]   ✓ ${test.fullTitle()}`);
      })
      .on("fail", (test, error: Error) => {
        failed.push(test.fullTitle());
        console.log(`[test]   ✗ ${test.fullTitle()}\n${error.stack ?? error.message}`);
      });
  });
  const report = process.env["TEST_REPORT"];
  if (report !== undefined) writeFileSync(report, JSON.stringify({ passed, failed }));
  if (failed.length > 0) throw new Error(`${failed.length} failed`);
}
