import * as vscode from "vscode";
import { placesOf, type WindowPlaces } from "./placesOf.js";

/** Computed on each call, because the folders of a window change. */
export function windowPlaces(): WindowPlaces {
  return placesIn(vscode, ownKind());
}

/**
 * @param api the part of VS Code's API about the window.
 * @param kind where the extension runs.
 */
export function placesIn(
  { workspace, env }: WindowApi,
  kind: vscode.ExtensionKind | undefined,
): WindowPlaces {
  return placesOf({
    isBesideFiles: kind === vscode.ExtensionKind.Workspace,
    remoteName: env.remoteName,
    folders: (workspace.workspaceFolders ?? []).map(({ uri }) => uri),
    workspaceFile: workspace.workspaceFile,
  });
}

export interface WindowApi {
  readonly workspace: Pick<typeof vscode.workspace, "workspaceFolders" | "workspaceFile">;
  readonly env: Pick<typeof vscode.env, "remoteName">;
}

function ownKind(): vscode.ExtensionKind | undefined {
  return vscode.extensions.getExtension("runicorn.runicorn-remote")?.extensionKind;
}
