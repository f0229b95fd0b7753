import assert from "node:assert/strict";
import Module from "node:module";
import { join, sep } from "node:path";
import { extension } from "./extension.js";

/** Milliseconds of processor time: what the clock says depends on what else the machine does. */
const activationLimit = 30;

const loaded = (file: string): boolean =>
  Object.keys(require.cache).some((path) => path.endsWith(`${sep}dist${sep}${file}`));

type Load = (request: string, ...rest: unknown[]) => { readonly activate: (context: unknown) => unknown };

export function define(): void {
  describe("activation", () => {
    it("loads no SSH, and our part takes less than 30 ms", async () => {
      assert.equal(extension().isActive, false, "nothing activates it at start");
      const processor = await measureActivation();
      console.log(`[test]     loading and activate(): ${processor.toFixed(1)} ms of processor time`);
      assert.ok(processor > 0, "it was measured");
      assert.ok(processor < activationLimit, `${processor} ms`);
      assert.ok(loaded("extension.js"), "the bundle is in the module cache");
      assert.ok(!loaded("ssh2.js"), "ssh2 is not");
    });
  });
}

/** Activates the extension; what VS Code itself does around it is not counted. */
async function measureActivation(): Promise<number> {
  const entry = join(extension().extensionPath, "dist", "extension.js");
  let used = 0;
  const timed = <T>(work: () => T): T => {
    const before = process.cpuUsage();
    const result = work();
    const { user, system } = process.cpuUsage(before);
    used += (user + system) / 1_000;
    return result;
  };
  const modules = Module as unknown as { _load: Load };
  const load = modules._load;
  modules._load = function (this: unknown, request, ...rest) {
    if (request !== entry) return load.call(this, request, ...rest);
    const bundle = timed(() => load.call(this, request, ...rest));
    return { ...bundle, activate: (context) => timed(() => bundle.activate(context)) };
  };
  try {
    await extension().activate();
  } finally {
    modules._load = load;
  }
  return used;
}
