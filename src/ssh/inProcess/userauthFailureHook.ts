import type { Client } from "ssh2";

/** The part of ssh2's insides that is used here. It is pinned, and tests with two factors hold it. */
interface WithHandlers {
  readonly _protocol: {
    readonly _handlers: { USERAUTH_FAILURE: (protocol: unknown, left: string[], partial: boolean) => void };
  };
}

/**
 * Reports every SSH_MSG_USERAUTH_FAILURE. After a key, ssh2 does not tell its handler (it tries the agent's next key
 * first), so the second factor of "key and code" would never be asked for.
 * @param client after `connect` was called on it.
 */
export function hearAuthenticationFailures(
  client: Client,
  listener: (left: readonly string[], partial: boolean) => void,
): void {
  const handlers = (client as unknown as WithHandlers)._protocol._handlers;
  const original = handlers.USERAUTH_FAILURE;
  handlers.USERAUTH_FAILURE = (protocol, left, partial) => {
    listener(left, partial);
    original(protocol, left, partial);
  };
}
