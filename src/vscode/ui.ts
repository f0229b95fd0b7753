import type * as vscode from "vscode";
import type { App } from "../app.js";
import type { LocalApi } from "./api/localApi.js";

/** What every part of the user interface works with. */
export interface Ui {
  /** Builds the app when something first needs it: activating must stay cheap. */
  readonly app: () => Promise<App>;
  readonly log: vscode.LogOutputChannel;
  readonly secrets: vscode.SecretStorage;
  readonly api: LocalApi;
  readonly extensionUri: vscode.Uri;
}
