import { Failure } from "../../common/failure.js";
import type { ApiFailure } from "../model/failures.js";
import type { ConnectFields } from "./connecting.js";
import type { Profiles } from "./profiles.js";

/** A connect request that may name a saved server instead of a host and credentials. */
export interface ServerFields extends Omit<ConnectFields, "host" | "username"> {
  readonly host?: string | null | undefined;
  readonly username?: string | null | undefined;
  readonly savedServerId?: string | null | undefined;
}

/**
 * Fills in the fields of the saved server, if the request names one. Credentials of the request take precedence.
 * @throws Failure `saved-server-not-found`, or `saved-server-mismatch` when the request contradicts the saved server.
 */
export async function withSavedServer(
  profiles: Profiles,
  { savedServerId, ...fields }: ServerFields,
): Promise<ConnectFields> {
  if (!savedServerId) return { ...fields, host: fields.host ?? "", username: fields.username ?? "" };
  const server = await profiles.server(savedServerId);
  if (!server)
    throw new Failure<ApiFailure>({ code: "saved-server-not-found", id: savedServerId.slice(0, 100) });
  for (const field of ["host", "port", "username"] as const) {
    const asked = fields[field];
    const given = typeof asked === "string" ? asked.trim() : asked;
    if (given && given !== server[field])
      throw new Failure<ApiFailure>({ code: "saved-server-mismatch", field });
  }
  const { secrets, host, port, username } = server;
  // A key in the request replaces both saved key fields.
  const hasKey = Boolean(fields.privateKey) || Boolean(fields.privateKeyPath);
  return {
    ...fields,
    host,
    port,
    username,
    password: fields.password ?? secrets.password,
    privateKey: hasKey ? fields.privateKey : secrets.privateKey,
    privateKeyPath: hasKey ? fields.privateKeyPath : server.privateKeyPath,
    passphrase: fields.passphrase ?? secrets.passphrase,
  };
}
