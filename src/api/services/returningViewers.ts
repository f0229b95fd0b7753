import type { App } from "../../app.js";
import type { Connection } from "../../ssh/model/connection.js";
import type { ReconnectWait, ViewerSession } from "../../viewer/session/session.js";

/** Milliseconds: a host is visited once, and its tunnels are opened. */
const limit = 10_000;

/**
 * Waits until the viewers that wait for a connection to this host are led on over it, so that a client that connects finds
 * them running: they outlived a lost connection, or an earlier life of this program. Gives up after a while without a word.
 * @param wasOpen whether the connection was there before: what waits for a person then goes on waiting.
 */
export async function awaitReturningViewers(
  { viewers }: App,
  connection: Connection,
  signal: AbortSignal,
  wasOpen: boolean,
): Promise<void> {
  const isHeld = (wait: ReconnectWait): boolean => wasOpen && wait.kind === "person";
  const waiting = (): ViewerSession[] =>
    viewers.sessions.filter(
      ({ connectionId, state }) =>
        connectionId === connection.id && state.kind === "reconnecting" && !isHeld(state.wait),
    );
  if (waiting().length === 0) return;
  await new Promise<void>((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      changed.dispose();
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, limit);
    const changed = viewers.onDidChange(() => {
      if (connection.state !== "open" || waiting().length === 0) finish();
    });
    signal.addEventListener("abort", finish, { once: true });
    if (signal.aborted) finish();
  });
}
