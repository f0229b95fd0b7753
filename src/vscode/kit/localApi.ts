import type * as vscode from "vscode";
import type { Event } from "../../common/async/event.js";

/** The local REST API of this window. */
export interface LocalApi extends vscode.Disposable {
  /** Where it is served; undefined while it is not. */
  readonly url: string | undefined;
  /** It is served, without a token, and this system does not tell programs of other accounts from the person's. */
  readonly isOpenToOtherAccounts: boolean;
  readonly onDidChange: Event<void>;
  /** Starts it unless it is served already. @throws Failure `api-port-taken`. */
  start(): Promise<void>;
  stop(): Promise<void>;
}
