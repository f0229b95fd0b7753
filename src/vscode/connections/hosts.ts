import type { App } from "../../app.js";
import type { FailureDetail } from "../../common/failure.js";
import { savedIdOf } from "../../savedConnectionId.js";
import { inOrder } from "../../connectionOrder.js";
import type { SavedConnection } from "../../savedConnections.js";
import type { Connection } from "../../ssh/model/connection.js";
import { jobOf, loginOf } from "../../ssh/model/jobTarget.js";
import { formatTarget, type Target } from "../../ssh/model/target.js";
import type { ReconnectWait, ViewerSession } from "../../viewer/session/session.js";

/** The state of a host, the same in all views. */
export type HostState =
  | { readonly kind: "connected" }
  | { readonly kind: "connecting" }
  /** The connection was lost, and is being reestablished. */
  | { readonly kind: "reconnecting" }
  /** The connection was lost, and viewers or jobs wait for it; retries only on request. */
  | { readonly kind: "needs-person"; readonly failure: FailureDetail }
  | { readonly kind: "not-connected" };

/** A host to show. */
export interface Host {
  /** Stable across changes of state. */
  readonly id: string;
  readonly target: Target;
  readonly saved: SavedConnection | undefined;
  readonly connection: Connection | undefined;
  /** The id of a lost connection that viewers or jobs wait for. */
  readonly awaited: string | undefined;
  /** Its viewers, then those whose stop is not confirmed. */
  readonly sessions: readonly ViewerSession[];
  readonly state: HostState;
}

/**
 * Hosts that are saved, connected, connecting, or have viewers: saved ones first, in their order.
 * @param saved all saved connections.
 */
export function hostsOf(
  { connections, viewers, waitingLogins }: Pick<App, "connections" | "viewers" | "waitingLogins">,
  saved: readonly SavedConnection[],
): Host[] {
  const targets = new Map<string, Target>();
  const known = (target: Target): string => {
    const written = formatTarget(target);
    if (!targets.has(written)) targets.set(written, target);
    return written;
  };
  const savedAs = new Map(inOrder(saved).map((one) => [known(one.target), one]));
  // Connections into jobs are shown below their login node, through their viewers.
  const isHost = (target: Target): boolean => !jobOf(target);
  const hosts = connections.all.filter(({ target }) => isHost(target));
  const openAs = new Map(hosts.map((one) => [known(one.target), one]));
  const lostAs = new Map(waitingLogins.lost.map((one) => [known(one.target), one]));
  const calling = new Set(connections.connecting.filter(isHost).map(known));
  const sessionsOf = new Map<string, ViewerSession[]>();
  for (const session of [...viewers.sessions, ...viewers.unconfirmed]) {
    // Two names may resolve to one connection; show its sessions only once.
    const target = connections.get(session.connectionId)?.target ?? viewers.targetOf(session.id);
    const written = known(loginOf(target ?? { host: session.host }));
    const those = sessionsOf.get(written);
    if (those) those.push(session);
    else sessionsOf.set(written, [session]);
  }
  return [...targets].map(([written, target]) => {
    const [one, connection] = [savedAs.get(written), openAs.get(written)];
    const sessions = sessionsOf.get(written) ?? [];
    const login = lostAs.get(written);
    const waits = [...(login ? [login.wait] : []), ...lostOf(sessions).map(({ wait }) => wait)];
    return {
      id: one?.id ?? savedIdOf(target),
      target,
      saved: one,
      connection,
      awaited: connection ? undefined : (login?.id ?? lostOf(sessions)[0]?.connectionId),
      sessions,
      state: stateOf(connection, waits, calling.has(written)),
    };
  });
}

function stateOf(
  connection: Connection | undefined,
  waits: readonly ReconnectWait[],
  isCalled: boolean,
): HostState {
  if (connection) return { kind: "connected" };
  if (waits.some(({ kind }) => kind !== "person")) return { kind: "reconnecting" };
  if (isCalled) return { kind: "connecting" };
  const [wait] = waits;
  if (wait?.kind === "person") return { kind: "needs-person", failure: wait.failure };
  return { kind: "not-connected" };
}

function lostOf(sessions: readonly ViewerSession[]) {
  return sessions.flatMap(({ connectionId, state }) =>
    state.kind === "reconnecting" ? [{ connectionId, wait: state.wait }] : [],
  );
}
