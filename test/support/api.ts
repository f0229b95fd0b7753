import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type App, createApp } from "../../src/app.js";
import type { ApiOptions, ApiServer } from "../../src/api/http/server.js";
import { startApi } from "../../src/api/startApi.js";
import type { Logger } from "../../src/common/logger.js";
import { createMemorySecrets } from "../../src/secretStore.js";
import type { ViewerSession } from "../../src/viewer/session/session.js";

/** The API with an app of its own: a laptop on which nothing was ever done. */
export interface TestApi {
  readonly app: App;
  readonly server: ApiServer;
  readonly home: string;
  readonly dataFolder: string;
  /** Everything that was logged. */
  readonly log: readonly string[];
  /** The viewers that a client asked to be shown. */
  readonly shown: readonly ViewerSession[];
  request(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<TestAnswer>;
  dispose(): Promise<void>;
}

export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: any;
}

export async function startTestApi(options: Partial<ApiOptions> = {}): Promise<TestApi> {
  const home = await mkdtemp(join(tmpdir(), "api-home-"));
  await mkdir(join(home, ".ssh"), { mode: 0o700 });
  const dataFolder = join(home, "data");
  const log: string[] = [];
  const write = (message: string): void => void log.push(message);
  const logger: Logger = { debug: write, info: write, warn: write, error: write };
  const environment = { PATH: process.env["PATH"] };
  const app = await createApp({ dataFolder, logger, home, environment, mayListenOnPort: () => true });
  const shown: ViewerSession[] = [];
  const server = await startApi({
    app,
    logger,
    secrets: createMemorySecrets(),
    version: "0.0.0-test",
    dataFolder,
    showViewer: (session) => shown.push(session),
    host: "127.0.0.1",
    port: 0,
    ...options,
  });
  return {
    app,
    server,
    home,
    dataFolder,
    log,
    shown,
    request: (method, path, body, headers = {}) => send(`${server.url}${path}`, method, body, headers),
    dispose: async () => {
      await server.close();
      await app.close("stop");
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function send(
  url: string,
  method: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<TestAnswer> {
  const json = body === undefined ? undefined : JSON.stringify(body);
  const type: Record<string, string> = json === undefined ? {} : { "Content-Type": "application/json" };
  const init = { method, headers: { ...type, ...headers }, ...(json !== undefined && { body: json }) };
  const response = await fetch(url, init);
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === "" ? undefined : JSON.parse(text),
  };
}
