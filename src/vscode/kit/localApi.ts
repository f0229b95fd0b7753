import type * as vscode from "vscode";
import type { Event } from "../../common/async/event.js";

/** The local REST API of this window. */
export interface LocalApi extends vscode.Disposable {
  /** Its address; undefined while it is not running. */
  readonly url: string | undefined;
  /** Whether it runs without a token on a system where we cannot tell other accounts' processes from the user's. */
  readonly isOpenToOtherAccounts: boolean;
  readonly onDidChange: Event<void>;
  /** Starts it unless it is running. @throws Failure `api-port-taken`. */
  start(): Promise<void>;
  stop(): Promise<void>;
}
