import assert from "node:assert/strict";
import * as vscode from "vscode";
import { extension } from "./extension.js";

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
  };
}

export function define(): void {
  describe("package.json", () => {
    const { contributes } = extension().packageJSON as Manifest;

    it("names commands that are all there", async () => {
      await extension().activate();
      const present = new Set(await vscode.commands.getCommands(true));
      const missing = contributes.commands.filter(({ command }) => !present.has(command));
      assert.deepEqual(missing, []);
    });

    for (const { id } of Object.values(contributes.views).flat()) {
      it(`names the view ${id}, which can be shown`, async () => {
        await vscode.commands.executeCommand(`${id}.focus`);
      });
    }

    it("has commands that do nothing harmful where nothing runs", async () => {
      await vscode.commands.executeCommand("runicorn.stopViewer");
      await vscode.commands.executeCommand("runicorn.disconnect");
      await vscode.commands.executeCommand("runicorn.refresh");
    });
  });
}
