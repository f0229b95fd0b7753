import type { App } from "../../app.js";
import { jobOf, loginOf } from "../../ssh/model/jobTarget.js";
import { formatTarget, type Target } from "../../ssh/model/target.js";

/** A host that is connected, or whose viewers or jobs are waiting to reconnect. */
export interface HeldHost {
  /** The id of its connection, even while that is lost. */
  readonly id: string;
  readonly host: string;
  /** The connections into its jobs, then its own: all are closed together. */
  readonly ids: readonly string[];
}

/** Lists hosts that can be disconnected. */
export function heldHosts({
  connections,
  viewers,
  waitingLogins,
}: Pick<App, "connections" | "viewers" | "waitingLogins">): HeldHost[] {
  const held = new Map<string, { readonly target: Target; readonly id: string }[]>();
  const hold = (id: string, target: Target): void => {
    const written = formatTarget(loginOf(target));
    const those = held.get(written) ?? [];
    if (!those.some((one) => one.id === id)) held.set(written, [...those, { target, id }]);
  };
  for (const { id, target } of connections.all) hold(id, target);
  for (const { id, connectionId, host, state } of viewers.sessions)
    if (state.kind === "reconnecting") hold(connectionId, viewers.targetOf(id) ?? { host });
  for (const { id, target } of waitingLogins.lost) hold(id, target);
  return [...held.values()].flatMap((those) => {
    const [jobs, own] = [
      those.filter(({ target }) => jobOf(target)),
      those.filter(({ target }) => !jobOf(target)),
    ];
    const all = [...jobs, ...own];
    const last = all.at(-1);
    return last ? [{ id: last.id, host: loginOf(last.target).host, ids: all.map(({ id }) => id) }] : [];
  });
}
