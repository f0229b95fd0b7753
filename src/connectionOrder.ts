import { byRecent, type SavedConnection } from "./savedConnections.js";

/** Maximum characters of a group's name. */
export const longestGroup = 100;

/** Returns the group that a connection is shown in, trimmed and shortened: a file may contain anything. */
export function groupOf({ group }: Pick<SavedConnection, "group">): string | undefined {
  const name = group?.trim() ?? "";
  // Do not split a surrogate pair, and trim again, so that the result is stable.
  const cut = name.length <= longestGroup ? name : charactersOf(name).slice(0, longestGroup).join("").trim();
  return cut || undefined;
}

/** Returns the names of all groups in display order. */
export function groupsOf(connections: readonly SavedConnection[]): readonly string[] {
  return [...new Set(sorted(connections).flatMap((one) => groupOf(one) ?? []))];
}

/**
 * Sorts connections for display: by group, those without one last; the most recently used first, unless the user has
 * arranged them by hand. Those added after that come first.
 */
export function inOrder(connections: readonly SavedConnection[]): readonly SavedConnection[] {
  const all = sorted(connections);
  const blocks = [...groupsOf(all), undefined];
  return blocks.flatMap((name) => all.filter((one) => groupOf(one) === name));
}

/** Whether the user has arranged them by hand. */
export function isOrdered(connections: readonly SavedConnection[]): boolean {
  return connections.some(({ order }) => order !== undefined);
}

/** Moves a connection up or down within its group. @returns all, renumbered; empty at the end of the group. */
export function moved(
  connections: readonly SavedConnection[],
  id: string,
  step: -1 | 1,
): readonly SavedConnection[] {
  const all = inOrder(connections);
  const at = all.findIndex((one) => one.id === id);
  return at < 0 || !swaps(all, at, at + step) ? [] : numbered(swapped(all, at, at + step));
}

/** Moves a group up or down with its connections. @returns all, renumbered; empty at the end. */
export function movedGroup(
  connections: readonly SavedConnection[],
  name: string,
  step: -1 | 1,
): readonly SavedConnection[] {
  const all = inOrder(connections);
  const names = groupsOf(connections);
  const at = names.indexOf(name);
  if (at < 0 || names[at + step] === undefined) return [];
  const order = [...swapped(names, at, at + step), undefined];
  return numbered(order.flatMap((group) => all.filter((one) => groupOf(one) === group)));
}

/** A drop target: the place of another connection, the end of a group, or the end of the list, outside of groups. */
export type Place =
  | { readonly kind: "connection"; readonly id: string }
  | { readonly kind: "group"; readonly name: string }
  | { readonly kind: "end" };

/** Moves connections to a place and into its group. @returns all, renumbered; empty if nothing can be moved. */
export function put(
  connections: readonly SavedConnection[],
  ids: readonly string[],
  place: Place,
): readonly SavedConnection[] {
  const all = inOrder(connections);
  const target = place.kind === "connection" ? all.find(({ id }) => id === place.id) : undefined;
  if ((place.kind === "connection" && !target) || (target && ids.includes(target.id))) return [];
  const group = place.kind === "group" ? place.name : target && groupOf(target);
  const taken = all.filter(({ id }) => ids.includes(id)).map((one) => ({ ...one, group }));
  if (taken.length === 0) return [];
  const others = all.filter(({ id }) => !ids.includes(id));
  // Moving down inserts after the target, as in any list.
  const isFromAbove = all.findIndex(({ id }) => ids.includes(id)) < all.findIndex((one) => one === target);
  const at = target ? others.indexOf(target) + (isFromAbove ? 1 : 0) : others.length;
  return numbered(inBlocks(all, [...others.slice(0, at), ...taken, ...others.slice(at)]));
}

/** Moves connections to another group, or out of groups, and keeps their order. @returns those that change. */
export function regrouped(
  connections: readonly SavedConnection[],
  isMeant: (one: SavedConnection) => boolean,
  group: string | undefined,
): readonly SavedConnection[] {
  return connections
    .filter((one) => isMeant(one) && groupOf(one) !== group)
    .map((one) => ({ ...one, group }));
}

/** Resets the manual order. @returns those that change. */
export function unordered(connections: readonly SavedConnection[]): readonly SavedConnection[] {
  return connections.filter(({ order }) => order !== undefined).map((one) => ({ ...one, order: undefined }));
}

/** Splits into characters, as many as can matter. */
function charactersOf(name: string): string[] {
  return [...name.slice(0, 2 * longestGroup)];
}

function sorted(connections: readonly SavedConnection[]): readonly SavedConnection[] {
  return byRecent(connections).sort((a, b) => (a.order ?? -1) - (b.order ?? -1));
}

/** Sorts by group: known groups keep their order, new ones come last. */
function inBlocks(
  before: readonly SavedConnection[],
  after: readonly SavedConnection[],
): readonly SavedConnection[] {
  const names = new Set([...before, ...after].flatMap((one) => groupOf(one) ?? []));
  return [...names, undefined].flatMap((name) => after.filter((one) => groupOf(one) === name));
}

function swaps(all: readonly SavedConnection[], at: number, other: number): boolean {
  const [one, two] = [all[at], all[other]];
  return one !== undefined && two !== undefined && groupOf(one) === groupOf(two);
}

function swapped<T>(all: readonly T[], at: number, other: number): readonly T[] {
  const after = [...all];
  [after[at], after[other]] = [after[other] as T, after[at] as T];
  return after;
}

function numbered(all: readonly SavedConnection[]): readonly SavedConnection[] {
  return all.map((one, order) => ({ ...one, order }));
}
