import type * as vscode from "vscode";
import type { App } from "../../app.js";
import type { Logger } from "../../common/logger.js";
import type { LocalApi } from "./localApi.js";

/** The extension's log. What it is told may hold the words of hosts. */
export interface Log extends Logger {
  /** Shows it to the person. */
  show(): void;
}

/** What every part of the user interface works with. */
export interface Ui {
  /** Builds the app when something first needs it: activating must stay cheap. */
  readonly app: () => Promise<App>;
  readonly log: Log;
  readonly secrets: vscode.SecretStorage;
  readonly api: LocalApi;
  readonly extensionUri: vscode.Uri;
}
