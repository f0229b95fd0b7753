import * as vscode from "vscode";
import type { ApiServer } from "../../api/http/server.js";
import type { App } from "../../app.js";
import type { Logger } from "../../common/logger.js";
import { Emitter } from "../../common/async/event.js";
import { createSerialQueue } from "../../common/async/serialQueue.js";
import type { ViewerSession } from "../../viewer/session/session.js";
import type { LocalApi } from "../kit/localApi.js";
import { apiServingContextKey } from "../kit/viewIds.js";
import { secretStoreIn } from "../kit/secrets.js";
import { setting } from "../kit/settings.js";

export interface LocalApiOptions {
  readonly app: () => Promise<App>;
  readonly log: Logger;
  readonly secrets: vscode.SecretStorage;
  readonly version: string;
  readonly dataFolder: string;
  readonly showViewer: (session: ViewerSession) => void;
}

/** Where the optional token is kept in the secret storage. */
export const tokenKey = "api-token";

export function createLocalApi(options: LocalApiOptions): LocalApi {
  const changed = new Emitter<void>();
  let server: ApiServer | undefined;
  let hasToken = false;
  // Serialized: overlapping start and stop could leave a port open.
  const turns = createSerialQueue();

  const show = (next: ApiServer | undefined): void => {
    server = next;
    void vscode.commands.executeCommand("setContext", apiServingContextKey, next !== undefined);
    changed.fire();
  };
  const start = async (): Promise<void> => {
    if (server) return;
    const { log, secrets, version, dataFolder, showViewer } = options;
    const [app, token, { startApi }] = await Promise.all([
      options.app(),
      secrets.get(tokenKey),
      import("../../api/startApi.js"),
    ]);
    const started = await startApi({
      app,
      version,
      dataFolder,
      showViewer,
      token: token || undefined,
      logger: log,
      secrets: secretStoreIn(secrets),
      host: "127.0.0.1",
      port: setting("api.port"),
      allowedOrigins: setting("api.allowedOrigins"),
    });
    hasToken = Boolean(token);
    show(started);
    if (!hasToken && !started.refusesOtherAccounts)
      log.warn(
        "every account of this machine may use the local API: this system does not tell whose programs ask",
      );
    log.info(`the local API is served on ${started.url}`);
  };
  const stop = async (): Promise<void> => {
    const running = server;
    if (!running) return;
    show(undefined);
    await running.close();
    options.log.info("the local API is not served any more");
  };

  return {
    get url() {
      return server?.url;
    },
    get isOpenToOtherAccounts() {
      return server !== undefined && !hasToken && !server.refusesOtherAccounts;
    },
    onDidChange: changed.event,
    start: () => turns.add(start),
    stop: () => turns.add(stop),
    dispose: () => void turns.add(stop),
  };
}
