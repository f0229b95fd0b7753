import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { App } from "../../../src/app.js";
import { savedIdOf } from "../../../src/savedConnectionId.js";
import type { SavedConnection } from "../../../src/savedConnections.js";
import type { Target } from "../../../src/ssh/model/target.js";
import { remoteAuthority } from "../../../src/vscode/connections/remoteSsh.js";
import { knownTargets } from "../../../src/vscode/flows/pickTarget.js";
import type { WindowPlaces } from "../../../src/vscode/places/placesOf.js";
import { placesIn, windowPlaces } from "../../../src/vscode/places/windowPlaces.js";
import { keepItems } from "../../../src/vscode/sideBar/keptItems.js";
import { connectionNodes } from "../../../src/vscode/sideBar/nodes.js";

const saved = (target: Target): SavedConnection => ({ id: savedIdOf(target), name: target.host, target });

/** Two hosts are known, and nothing is open. */
const app = {
  savedConnections: { list: () => Promise.resolve([saved({ host: "old" }), saved({ host: "gpu" })]) },
  knownHosts: { list: () => Promise.resolve([]), changed: [] },
  connections: { all: [], connecting: [], get: () => undefined },
  viewers: { sessions: [], unconfirmed: [] },
  slurm: { watched: [] },
  waitingLogins: { lost: [] },
  ssh: {},
} as unknown as App;

/** A window of which VS Code says this. Its workspace and its remote are made up: no VS Code of the tests has another machine. */
function windowOn(authority: string, kind: vscode.ExtensionKind): WindowPlaces {
  const uri = vscode.Uri.from({ scheme: "vscode-remote", authority, path: "/data/runs" });
  const workspaceFolders = [{ uri, name: "runs", index: 0 }];
  const env = { remoteName: authority.split("+")[0] };
  return placesIn({ workspace: { workspaceFolders, workspaceFile: undefined }, env }, kind);
}

function labelOf({ label }: vscode.TreeItem): string {
  return typeof label === "string" ? label : (label?.label ?? "");
}

const rowsOf = async (places: WindowPlaces): Promise<readonly string[]> => {
  const nodes = await connectionNodes(app, () => undefined, keepItems(), places);
  return nodes.map(({ item }) => labelOf(item));
};
/** As it is read: what Markdown could take for its own is written as a character reference. */
const tooltipOf = async (places: WindowPlaces, at: number): Promise<string> => {
  const nodes = await connectionNodes(app, () => undefined, keepItems(), places);
  const markdown = (nodes.at(at)?.item.tell?.().value ?? "").replaceAll("&nbsp;", " ");
  return markdown.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
};
const offeredIn = async (places: WindowPlaces): Promise<readonly string[]> =>
  (await knownTargets(app, places)).filter(({ target }) => target).map(({ label }) => label);

export function define(): void {
  describe("a window on a host (a stubbed workspace)", () => {
    const { UI, Workspace } = vscode.ExtensionKind;

    for (const [name, authority] of [
      ["an alias", "ssh-remote+gpu"],
      ["JSON in hexadecimal digits", remoteAuthority({ host: "GPU-7", user: "ada" }) ?? ""],
    ] as const) {
      it(`has that host first, in the tree and in the question, where its authority is ${name}`, async () => {
        const places = windowOn(authority, UI);
        const shown = name === "an alias" ? "gpu" : "GPU-7";
        assert.equal((await rowsOf(places))[0], shown);
        assert.ok((await offeredIn(places))[0]?.includes(shown));
        assert.equal(places.host?.folder, "/data/runs");
        const rows = await rowsOf(places);
        assert.equal(rows.filter((row) => row === shown).length, 1);
        assert.equal(rows.at(-1), "This Machine");
        assert.match(await tooltipOf(places, 0), /the host of this window/);
      });
    }

    it("says that this machine is the one in front of the person", async () => {
      const tooltip = await tooltipOf(windowOn("ssh-remote+gpu", UI), -1);
      assert.match(tooltip, /in front of you, not that of this window/);
    });

    it("has this machine first where the extension runs on the host", async () => {
      const places = windowOn("ssh-remote+gpu", Workspace);
      assert.deepEqual(await rowsOf(places), ["This Machine", "old", "gpu"]);
      assert.equal((await offeredIn(places))[0], "This Machine");
      assert.match(await tooltipOf(places, 0), /the machine that this window works on/);
    });

    it("that is on none has this machine below the hosts", async () => {
      const places = windowPlaces();
      assert.equal(places.host, undefined);
      const rows = await rowsOf({ ...places, isHereFirst: false });
      assert.equal(rows.at(-1), "This Machine");
    });
  });
}
