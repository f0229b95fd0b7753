import type { App } from "../../app.js";

/** A host that is connected to, or that viewers wait for. */
export interface HeldHost {
  /** The connection's, also while that is lost. */
  readonly id: string;
  readonly host: string;
}

/** What can be disconnected from. */
export function heldHosts({ connections, viewers }: Pick<App, "connections" | "viewers">): HeldHost[] {
  const held = new Map(connections.all.map(({ id, target }) => [id, target.host]));
  for (const { connectionId, host, state } of viewers.sessions)
    if (state.kind === "reconnecting" && !held.has(connectionId)) held.set(connectionId, host);
  return [...held].map(([id, host]) => ({ id, host }));
}
