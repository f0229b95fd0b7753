import assert from "node:assert/strict";
import Module from "node:module";
import { join, sep } from "node:path";
import * as vscode from "vscode";
import { extension } from "./extension.js";

/** Milliseconds of processor time: what the clock says depends on what else the machine does. */
const activationLimit = 30;

const loaded = (file: string): boolean =>
  Object.keys(require.cache).some((path) => path.endsWith(`${sep}dist${sep}${file}`));

type Load = (request: string, ...rest: unknown[]) => unknown;

export function define(): void {
  describe("activation", () => {
    it("loads no SSH, and our part takes less than 30 ms", async () => {
      await extension().activate();
      assert.ok(loaded("extension.js"), "the bundle is in the module cache");
      assert.ok(!loaded("ssh2.js"), "ssh2 is not");
      // The least of three: what else the machine does is not our part.
      const processor = Math.min(...Array.from({ length: 3 }, measureActivation));
      console.log(`[test]     activate(): ${processor.toFixed(1)} ms of processor time`);
      assert.ok(processor < activationLimit, `${processor} ms`);
    });
  });
}

/**
 * Loads the bundle once more and activates it, with a VS Code that takes every registration and does nothing: what VS Code
 * itself does around it is not counted, nor is reading the bundle.
 */
function measureActivation(): number {
  const entry = join(extension().extensionPath, "dist", "extension.js");
  const modules = Module as unknown as { _load: Load };
  const load = modules._load;
  const cached = require.cache[entry];
  delete require.cache[entry];
  modules._load = function (this: unknown, request, ...rest) {
    return request === "vscode" ? silentVsCode : load.call(this, request, ...rest);
  };
  try {
    const bundle = load.call(modules, entry, module, false) as { activate: (context: unknown) => void };
    const before = process.cpuUsage();
    bundle.activate({
      subscriptions: [],
      globalStorageUri: vscode.Uri.file("/nowhere"),
      extensionUri: extension().extensionUri,
      extension: extension(),
      secrets: {},
    });
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  } finally {
    modules._load = load;
    require.cache[entry] = cached;
  }
}

const registered = { dispose: () => undefined, show: () => undefined, hide: () => undefined };

/** The real API, except that nothing is registered or created twice. */
const silentVsCode: unknown = new Proxy(vscode, {
  get: (target, name) => {
    const part: unknown = Reflect.get(target, name);
    const isNamespace =
      typeof part === "object" && part !== null && /^(window|commands|workspace)$/.test(String(name));
    return isNamespace ? silent(part) : part;
  },
});

function silent(namespace: object): unknown {
  return new Proxy(namespace, {
    get: (target, name) => {
      const part: unknown = Reflect.get(target, name);
      return /^(register|create)/.test(String(name)) ? () => registered : part;
    },
  });
}
