import * as l10n from "@vscode/l10n";
import type { App } from "../app.js";
import { aborted } from "../common/async/pause.js";
import { errorCodeOf } from "../common/files/errorCode.js";
import { readOwnSecret } from "../common/files/ownSecret.js";
import type { ServerFailure } from "../messages/describeLocalFailure.js";
import { Failure } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import { createMemorySecrets } from "../secretStore.js";
import { absoluteFolder } from "./absoluteFolder.js";
import type { ServeCommand } from "./arguments.js";

/** Characters. */
const shortestToken = 16;

/**
 * Serves the REST API until `signal` is aborted.
 * @throws Failure `api-port-taken` or `token-file-unusable`.
 */
export async function serve(
  app: App,
  { address, port, dataFolder, tokenFile, allowedOrigins }: ServeCommand,
  { version, logger }: { readonly version: string; readonly logger: Logger },
  signal: AbortSignal,
): Promise<void> {
  const token = tokenFile === undefined ? undefined : await readToken(tokenFile);
  // Restore viewers that a killed process left on hosts, before the first request is answered.
  await app.viewers
    .restore()
    .catch((error: unknown) => logger.warn(`viewers are not restored: ${String(error)}`));
  const { startApi } = await import("../api/startApi.js");
  const server = await startApi({
    app,
    logger,
    version,
    token,
    allowedOrigins,
    host: address,
    port,
    dataFolder: absoluteFolder(dataFolder),
    // Terminals have no common keyring: secrets that clients save are lost when the process ends.
    secrets: createMemorySecrets(),
    showViewer: () => undefined,
  });
  // Scripts wait for this line, so it is not translated.
  process.stdout.write(`Listening on ${server.url}\n`);
  if (!server.refusesOtherAccounts && token === undefined) process.stderr.write(`${openToAll()}\n`);
  await aborted(signal);
  await server.close();
}

function openToAll(): string {
  return l10n.t(
    "Every account of this machine may use the API, because this system does not tell whose programs are asking. With --token-file FILE every request needs a token.",
  );
}

/** @throws Failure `token-file-unusable`, or a `LocalFileFailure` if other accounts may write the file. */
async function readToken(file: string): Promise<string> {
  const unusable = (reason: string): Failure<ServerFailure> =>
    new Failure<ServerFailure>({ code: "token-file-unusable", file, reason });
  const bytes = await readOwnSecret(file).catch((error: unknown) => {
    if (error instanceof Failure) throw error;
    throw unusable(errorCodeOf(error) ?? "unreadable");
  });
  const token = bytes.toString("utf8").trim();
  if (!/^[\x21-\x7e]*$/.test(token)) throw unusable("not one word of ASCII");
  if (token.length < shortestToken) throw unusable("too short");
  return token;
}
