import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { App } from "../app.js";
import type { ServerFailure } from "../api/serverFailure.js";
import { Failure } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import { createMemorySecrets } from "../secretStore.js";
import type { ServeCommand } from "./arguments.js";

/** Characters. */
const shortestToken = 16;

/**
 * Serves the REST API until `signal` is aborted.
 * @throws Failure `api-port-taken` or `token-file-unusable`.
 */
export async function serve(
  app: App,
  { address, port, dataFolder, tokenFile }: ServeCommand,
  { version, logger }: { readonly version: string; readonly logger: Logger },
  signal: AbortSignal,
): Promise<void> {
  const token = tokenFile === undefined ? undefined : await readToken(tokenFile);
  const { startApi } = await import("../api/server.js");
  const server = await startApi({
    app,
    logger,
    version,
    token,
    host: address,
    port,
    dataFolder: resolve(dataFolder),
    // There is no keyring that every terminal has: what clients save here is gone with the process.
    secrets: createMemorySecrets(),
    showViewer: () => undefined,
  });
  // Scripts wait for this line: it is the same in every language.
  process.stdout.write(`Listening on ${server.url}\n`);
  await new Promise<void>((stopped) => {
    if (signal.aborted) stopped();
    else signal.addEventListener("abort", () => stopped(), { once: true });
  });
  await server.close();
}

/** @throws Failure `token-file-unusable`. */
async function readToken(file: string): Promise<string> {
  const unusable = (reason: string): Failure<ServerFailure> =>
    new Failure<ServerFailure>({ code: "token-file-unusable", file, reason });
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw unusable(error.code ?? "unreadable");
  });
  const token = text.trim();
  if (!/^[\x21-\x7e]*$/.test(token)) throw unusable("not one word of ASCII");
  if (token.length < shortestToken) throw unusable("too short");
  return token;
}
