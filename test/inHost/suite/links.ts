import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import Module from "node:module";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import * as vscode from "vscode";
import { extension } from "./extension.js";

type Load = (request: string, ...rest: unknown[]) => unknown;

/** What a person was shown: the text, and the detail of a question. */
interface Shown {
  readonly text: string;
  readonly detail: string | undefined;
}

const shown: Shown[] = [];
let handler: vscode.UriHandler | undefined;

/**
 * No system hands a link to this VS Code: what it would call is called here, and whoever is asked declines. The rest is the
 * real extension, activated once more with a VS Code that registers nothing.
 */
export function define(): void {
  describe("a link", () => {
    it("starts nothing before a person agrees, and is refused with a reason where it is hostile", async () => {
      const storage = mkdtempSync(join(tmpdir(), "links-"));
      const modules = Module as unknown as { _load: Load };
      const load = modules._load;
      const dist = join(extension().extensionPath, "dist");
      const ours = Object.entries(require.cache).filter(([path]) => path.startsWith(dist + sep));
      for (const [path] of ours) delete require.cache[path];
      modules._load = function (this: unknown, request, ...rest) {
        return request === "vscode" ? watchedVsCode : load.call(this, request, ...rest);
      };
      try {
        const bundle = load.call(modules, join(dist, "extension.js"), module, false) as {
          activate: (context: unknown) => void;
          deactivate: () => Promise<void>;
        };
        bundle.activate(context(storage));
        for (const [query, expected] of links) {
          const before = shown.length;
          await handler?.handleUri(vscode.Uri.from({ scheme: "vscode", path: "/open", query }));
          const told = shown.slice(before).map(({ text, detail }) => `${text} ${detail ?? ""}`);
          assert.equal(told.length, 1, `${query.slice(0, 80)}: ${told.join(" | ")}`);
          assert.match(told[0] ?? "", expected);
        }
        await bundle.deactivate();
      } finally {
        rmSync(storage, { recursive: true, force: true, maxRetries: 5 });
        modules._load = load;
        for (const path of Object.keys(require.cache)) {
          if (path.startsWith(dist + sep)) delete require.cache[path];
        }
        for (const [path, cached] of ours) require.cache[path] = cached;
      }
    });
  });
}

const run = "20260101_000000_abcdef";
const links: readonly (readonly [query: string, shown: RegExp])[] = [
  // One that is fine asks, and says what it will do.
  [
    `host=unknown.example&root=/data/runs&run=${run}`,
    /^Open the viewer on unknown\.example\?.*not among your connections.*connects to the host.*"\/data\/runs".*20260101_000000_abcdef/s,
  ],
  ["host=gpu.ex\u0430mple&root=/data", /letters that look like others/],
  ["host=-oProxyCommand=id&root=/data", /not one that can be connected to/],
  ["host=gpu%0aid&root=/data", /not one that can be connected to/],
  ["host=https://example.com/x&root=/data", /not one that can be connected to/],
  ["host=gpu&root=relative", /not an absolute path/],
  ["host=gpu&root=/data&run=../../x", /does not name a run/],
  [`host=gpu&${"x=1&".repeat(100_000)}`, /too long/],
  ["root=/data", /does not name a host/],
];

function context(storage: string): unknown {
  const nothing = (): undefined => undefined;
  return {
    subscriptions: [],
    globalStorageUri: vscode.Uri.file(storage),
    extensionUri: extension().extensionUri,
    extension: extension(),
    secrets: { onDidChange: () => ({ dispose: nothing }), get: () => Promise.resolve(undefined) },
    workspaceState: { get: nothing, update: () => Promise.resolve(), keys: () => [] },
  };
}

const registered = new Proxy(
  {},
  { get: (_, name) => (name === "then" ? undefined : () => ({ dispose: () => undefined })) },
);

const watchedVsCode: unknown = new Proxy(vscode, {
  get: (target, name) => {
    const part: unknown = Reflect.get(target, name);
    const isNamespace =
      typeof part === "object" && part !== null && /^(window|commands|workspace)$/.test(String(name));
    return isNamespace ? watched(part) : part;
  },
});

function watched(namespace: object): unknown {
  return new Proxy(namespace, {
    get: (target, name) => {
      if (name === "registerUriHandler") {
        return (given: vscode.UriHandler) => {
          handler = given;
          return registered;
        };
      }
      if (/^show(Warning|Error|Information)Message$/.test(String(name))) {
        return (text: string, options?: { readonly detail?: string }) => {
          shown.push({ text, detail: options?.detail });
          return Promise.resolve(undefined);
        };
      }
      const part: unknown = Reflect.get(target, name);
      return /^(register|create)/.test(String(name)) ? () => registered : part;
    },
  });
}
