import * as vscode from "vscode";
import type { ApiServer } from "../../api/server.js";
import type { App } from "../../app.js";
import { Emitter, type Event } from "../../common/event.js";
import type { ViewerSession } from "../../viewer/session.js";
import { apiServingContextKey } from "../viewIds.js";
import { secretStoreIn } from "../secrets.js";

/** The local REST API of this window. */
export interface LocalApi extends vscode.Disposable {
  /** Where it is served; undefined while it is not. */
  readonly url: string | undefined;
  readonly onDidChange: Event<void>;
  /** Starts it unless it is served already. @throws Failure `api-port-taken`. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface LocalApiOptions {
  readonly app: () => Promise<App>;
  readonly log: vscode.LogOutputChannel;
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
  // One after the other: a start and a stop that overlap would leave a port open.
  let work: Promise<void> = Promise.resolve();

  const show = (next: ApiServer | undefined): void => {
    server = next;
    void vscode.commands.executeCommand("setContext", apiServingContextKey, next !== undefined);
    changed.fire();
  };
  const start = async (): Promise<void> => {
    if (server) return;
    const { log, secrets, version, dataFolder, showViewer } = options;
    const settings = vscode.workspace.getConfiguration("runicorn.api");
    const [app, token, { startApi }] = await Promise.all([
      options.app(),
      secrets.get(tokenKey),
      import("../../api/server.js"),
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
      port: settings.get("port", 23_300),
      allowedOrigins: settings.get<string[]>("allowedOrigins", []),
    });
    show(started);
    log.info(`the local API is served on ${started.url}`);
  };
  const stop = async (): Promise<void> => {
    const running = server;
    if (!running) return;
    show(undefined);
    await running.close();
    options.log.info("the local API is not served any more");
  };
  const next = (step: () => Promise<void>): Promise<void> => {
    const done = work.then(step);
    work = done.catch(() => undefined);
    return done;
  };

  return {
    get url() {
      return server?.url;
    },
    onDidChange: changed.event,
    start: () => next(start),
    stop: () => next(stop),
    dispose: () => void next(stop),
  };
}
