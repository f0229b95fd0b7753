import { timeLimit } from "../../common/async/timeLimit.js";
import { Cancelled, Failure } from "../../common/failure.js";
import type { Connections } from "../../ssh/connections.js";
import type { Connection } from "../../ssh/model/connection.js";
import type { Credentials } from "../../ssh/model/connectRequest.js";
import type { SshFailure } from "../../ssh/model/failures.js";
import { type Interaction, unattended } from "../../ssh/model/interaction.js";
import { checkTarget, type Target } from "../../ssh/model/target.js";
import type { Profiles } from "./profiles.js";

/** Target and credentials of a connect request, independent of the dialect. */
export interface ConnectFields {
  readonly host: string;
  /** Default: what `~/.ssh/config` says, else 22. */
  readonly port?: number | undefined;
  readonly username: string;
  readonly password?: string | null | undefined;
  readonly privateKey?: string | null | undefined;
  readonly privateKeyPath?: string | null | undefined;
  readonly passphrase?: string | null | undefined;
  readonly useAgent?: boolean | undefined;
  readonly onlyGiven?: boolean | undefined;
  /** Milliseconds for the whole connect. Default: each phase has its own limit. */
  readonly timeout?: number | undefined;
}

/** Finds an open connection that these fields may share. @throws as {@link connectUnattended}. */
export async function presentConnection(
  connections: Connections,
  fields: ConnectFields,
  signal: AbortSignal,
): Promise<Connection | undefined> {
  return connections.present({ target: checkedTarget(fields), credentials: credentialsOf(fields) }, signal);
}

/**
 * Connects without asking; a question that the saved connections cannot answer is a failure.
 * @throws Failure with an `SshFailure`, or Cancelled.
 */
export async function connectUnattended(
  connections: Connections,
  profiles: Profiles,
  fields: ConnectFields,
  signal: AbortSignal,
): Promise<Connection> {
  const target = checkedTarget(fields);
  const { timeout } = fields;
  const limit = timeout === undefined ? undefined : timeLimit(timeout);
  try {
    return await connections.connect({ target, credentials: credentialsOf(fields) }, answering(profiles), {
      signal: limit ? AbortSignal.any([signal, limit]) : signal,
    });
  } catch (error) {
    if (!(error instanceof Cancelled) || signal.aborted || !limit?.aborted || timeout === undefined)
      throw error;
    const port = target.port ?? 22;
    throw new Failure<SshFailure>({
      code: "connect-timed-out",
      host: target.host,
      port,
      seconds: timeout / 1000,
    });
  }
}

/** @throws Failure `target-invalid` for an invalid host or user. */
function checkedTarget({ host, port, username }: ConnectFields): Target {
  const target: Target = { host: host.trim(), user: username, ...(port !== undefined && { port }) };
  checkTarget(target);
  return target;
}

/** Leaves out empty fields: a request without credentials may share an open connection. */
function credentialsOf(fields: ConnectFields): Credentials {
  const { password, privateKey, privateKeyPath, passphrase, useAgent, onlyGiven } = fields;
  return {
    ...(password && { password }),
    ...(privateKey && { privateKeys: [privateKey] }),
    ...(privateKeyPath && { identityFiles: [privateKeyPath] }),
    ...(passphrase && { passphrase }),
    ...(useAgent === false && { useAgent }),
    ...(onlyGiven && { onlyGiven }),
  };
}

/** Answers only with passwords and passphrases from the client's saved connections. */
function answering(profiles: Profiles): Interaction {
  return {
    ...unattended,
    password: (subject) => profiles.secretOf(subject, "password"),
    passphrase: async (request) => (request.again ? undefined : profiles.secretOf(request, "passphrase")),
    keyboardInteractive: async (request) => {
      const [only] = request.prompts;
      if (request.prompts.length !== 1 || only?.echo !== false) return undefined;
      const password = await profiles.secretOf(request, "password");
      return password === undefined ? undefined : [password];
    },
  };
}
