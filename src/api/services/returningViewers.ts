import type { App } from "../../app.js";
import type { Connection } from "../../ssh/model/connection.js";
import type { ReconnectWait, ViewerSession } from "../../viewer/session/session.js";

/** Milliseconds to ask the host once and open its tunnels. */
const limit = 10_000;

/**
 * Waits until viewers of this host that outlived a lost connection, or an earlier process, have reconnected over this
 * connection, so that the client finds them running. Resolves after a time limit in any case.
 * @param wasOpen the connection was already open: ignore viewers that wait for the user to reconnect.
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
