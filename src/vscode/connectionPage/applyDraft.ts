import { savedIdOf } from "../../savedConnectionId.js";
import type { SavedConnection } from "../../savedConnections.js";
import { formatTarget } from "../../ssh/model/target.js";
import { type Draft, draftOf, rebase, targetOf } from "./draft.js";

/**
 * A connection as the form wants it. Fields that nobody touched stay as they are by now, whoever changed them meanwhile.
 * @param now as it is kept; undefined where it is not.
 * @param base what stood in the form at first.
 * @param draft has no problems.
 */
export function applyDraft(now: SavedConnection | undefined, base: Draft, draft: Draft): SavedConnection {
  const wanted = now ? rebase(draft, base, draftOf(now)) : draft;
  const target = targetOf(wanted);
  const id = savedIdOf(target);
  const written = formatTarget(target);
  const text = (value: string): string | undefined => value.trim() || undefined;
  // A name that only repeats the host goes with it.
  const name = now && wanted.name === now.name && now.name === formatTarget(now.target) ? "" : wanted.name;
  return {
    ...now,
    id,
    name: name.trim() || written,
    target,
    authentication: wanted.authentication === "automatic" ? undefined : wanted.authentication,
    identityFile: text(wanted.keyFile),
    jump: text(wanted.jump),
    lines: text(wanted.lines),
    python: text(wanted.python),
    root: text(wanted.root),
    localPort: text(wanted.localPort) === undefined ? undefined : Number(wanted.localPort),
    // What may hold a secret and does not stand in the form goes to no other host. A password belongs to where it was asked for.
    environmentLines: now?.id === id ? now.environmentLines : undefined,
    passwords: now?.id === id ? now.passwords : undefined,
    // What was opened there was another account's, or another host's.
    openedAt: now?.id === id ? now.openedAt : undefined,
  };
}
