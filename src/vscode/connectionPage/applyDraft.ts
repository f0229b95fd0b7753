import { savedIdOf } from "../../savedConnectionId.js";
import type { SavedConnection } from "../../savedConnections.js";
import { formatTarget } from "../../ssh/model/target.js";
import { type Draft, draftOf, rebase, targetOf } from "./draft.js";

/**
 * Applies a form to a connection. Untouched fields keep the current value, even if it changed meanwhile.
 * @param now the saved connection; undefined if it is not saved.
 * @param base the initial content of the form.
 * @param draft must be valid.
 */
export function applyDraft(now: SavedConnection | undefined, base: Draft, draft: Draft): SavedConnection {
  const wanted = now ? rebase(draft, base, draftOf(now)) : draft;
  const target = targetOf(wanted);
  const id = savedIdOf(target);
  const written = formatTarget(target);
  const text = (value: string): string | undefined => value.trim() || undefined;
  // A name that only repeats the host changes with it.
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
    // Lines may contain secrets and are not in the form, so they must not follow to another host. Neither must
    // passwords.
    environmentLines: now?.id === id ? now.environmentLines : undefined,
    passwords: now?.id === id ? now.passwords : undefined,
    // It was opened as another account, or on another host.
    openedAt: now?.id === id ? now.openedAt : undefined,
  };
}
