import assert from "node:assert/strict";
import Module from "node:module";
import { join, sep } from "node:path";
import * as vscode from "vscode";
import { extension } from "./extension.js";

/**
 * Milliseconds of processor time: what the clock says depends on what else the machine does. The oldest VS Code takes more than
 * twice as long for the same (22 and 9 ms of loading when they were measured one after the other).
 */
const activationLimit = vscode.version.startsWith("1.96.") ? 45 : 30;

const loaded = (file: string): boolean =>
  Object.keys(require.cache).some((path) => path.endsWith(`${sep}dist${sep}${file}`));

/** Milliseconds of processor time. */
interface Measured {
  readonly loading: number;
  readonly activating: number;
}

type Load = (request: string, ...rest: unknown[]) => unknown;

export function define(): void {
  describe("activation", () => {
    it(`loads no SSH, and our part takes less than ${activationLimit} ms`, async () => {
      await extension().activate();
      assert.ok(loaded("extension.js"), "the bundle is in the module cache");
      assert.ok(!loaded("ssh2.js"), "ssh2 is not");
      // The least of many: what else the machine does is not our part, and processors that are shared count slowly.
      const [least] = Array.from({ length: 15 }, measureActivation).sort((a, b) => total(a) - total(b));
      assert.ok(least);
      const { loading, activating } = least;
      console.log(
        `[test]     loading ${loading.toFixed(1)} ms, activate() ${activating.toFixed(1)} ms of processor time`,
      );
      assert.ok(total(least) < activationLimit, `${total(least)} ms`);
    });
  });
}

/**
 * Loads what activation loads once more and activates it, with a VS Code that takes every registration and does nothing:
 * what VS Code itself does around it is not counted.
 */
function measureActivation(): Measured {
  const dist = join(extension().extensionPath, "dist");
  const modules = Module as unknown as { _load: Load };
  const load = modules._load;
  const ours = Object.entries(require.cache).filter(([path]) => path.startsWith(dist + sep));
  for (const [path] of ours) delete require.cache[path];
  modules._load = function (this: unknown, request, ...rest) {
    return request === "vscode" ? silentVsCode : load.call(this, request, ...rest);
  };
  try {
    const start = process.cpuUsage();
    const bundle = load.call(modules, join(dist, "extension.js"), module, false) as {
      activate: (context: unknown) => void;
    };
    const loading = milliseconds(process.cpuUsage(start));
    const before = process.cpuUsage();
    bundle.activate({
      subscriptions: [],
      globalStorageUri: vscode.Uri.file("/nowhere"),
      extensionUri: extension().extensionUri,
      extension: extension(),
      secrets: {},
      workspaceState: emptyMemento,
    });
    return { loading, activating: milliseconds(process.cpuUsage(before)) };
  } finally {
    modules._load = load;
    for (const [path, cached] of ours) require.cache[path] = cached;
  }
}

function total({ loading, activating }: Measured): number {
  return loading + activating;
}

function milliseconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1_000;
}

const nothing = (): undefined => undefined;
const emptyMemento = { get: nothing, update: () => Promise.resolve(), keys: () => [] };
const registered = { dispose: nothing, show: nothing, hide: nothing, onDidChangeVisibility: nothing };

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
      return /^(register|create)/.test(String(name)) ? () => ({ ...registered }) : part;
    },
  });
}
