import type * as vscode from "vscode";
import type { App } from "../../app.js";
import type { Logger } from "../../common/logger.js";
import type { LocalApi } from "./localApi.js";

/** The extension's log. Messages may contain foreign text. */
export interface Log extends Logger {
  /** Shows the log. */
  show(): void;
}

/** What every part of the user interface needs. */
export interface Ui {
  /** Creates the app on first use: activation must stay cheap. */
  readonly app: () => Promise<App>;
  readonly log: Log;
  readonly secrets: vscode.SecretStorage;
  readonly api: LocalApi;
  readonly extensionUri: vscode.Uri;
}
