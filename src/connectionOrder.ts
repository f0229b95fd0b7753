import { byRecent, type SavedConnection } from "./savedConnections.js";

/** Characters of the name of a group. */
export const longestGroup = 100;

/** The group that a connection is shown in; what a file says of it may be anything. */
export function groupOf({ group }: Pick<SavedConnection, "group">): string | undefined {
  const name = group?.trim() ?? "";
  // No character is cut in two, and what is cut can be written again as it is shown.
  const cut = name.length <= longestGroup ? name : charactersOf(name).slice(0, longestGroup).join("").trim();
  return cut || undefined;
}

/** The names of all groups, in the order in which they are shown. */
export function groupsOf(connections: readonly SavedConnection[]): readonly string[] {
  return [...new Set(sorted(connections).flatMap((one) => groupOf(one) ?? []))];
}

/**
 * The order in which every list shows connections: group by group, then those without one. Those used last come first, unless
 * a person has ordered them by hand; what was added since then comes first.
 */
export function inOrder(connections: readonly SavedConnection[]): readonly SavedConnection[] {
  const all = sorted(connections);
  const blocks = [...groupsOf(all), undefined];
  return blocks.flatMap((name) => all.filter((one) => groupOf(one) === name));
}

/** Whether a person has ordered them by hand. */
export function isOrdered(connections: readonly SavedConnection[]): boolean {
  return connections.some(({ order }) => order !== undefined);
}

/** One step up or down, among those of its group. @returns those that change; nothing at the end of the way. */
export function moved(
  connections: readonly SavedConnection[],
  id: string,
  step: -1 | 1,
): readonly SavedConnection[] {
  const all = inOrder(connections);
  const at = all.findIndex((one) => one.id === id);
  return at < 0 || !swaps(all, at, at + step) ? [] : numbered(swapped(all, at, at + step));
}

/** A group one step up or down, with all that is in it. @returns those that change. */
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

/** Where connections are put: in the place of another one, at the end of a group, or at the end, outside of groups. */
export type Place =
  | { readonly kind: "connection"; readonly id: string }
  | { readonly kind: "group"; readonly name: string }
  | { readonly kind: "end" };

/** Puts connections somewhere, into the group that is there, by hand. @returns those that change. */
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
  // What comes from above takes the place below, as in any list.
  const isFromAbove = all.findIndex(({ id }) => ids.includes(id)) < all.findIndex((one) => one === target);
  const at = target ? others.indexOf(target) + (isFromAbove ? 1 : 0) : others.length;
  return numbered(inBlocks(all, [...others.slice(0, at), ...taken, ...others.slice(at)]));
}

/** The same in another group, or in none; their order stays. @returns those that change. */
export function regrouped(
  connections: readonly SavedConnection[],
  isMeant: (one: SavedConnection) => boolean,
  group: string | undefined,
): readonly SavedConnection[] {
  return connections
    .filter((one) => isMeant(one) && groupOf(one) !== group)
    .map((one) => ({ ...one, group }));
}

/** Forgets the order that was made by hand. @returns those that change. */
export function unordered(connections: readonly SavedConnection[]): readonly SavedConnection[] {
  return connections.filter(({ order }) => order !== undefined).map((one) => ({ ...one, order: undefined }));
}

/** Of a text of any length only as many as can matter. */
function charactersOf(name: string): string[] {
  return [...name.slice(0, 2 * longestGroup)];
}

function sorted(connections: readonly SavedConnection[]): readonly SavedConnection[] {
  return byRecent(connections).sort((a, b) => (a.order ?? -1) - (b.order ?? -1));
}

/** Groups stay where they were, new ones come last. */
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
