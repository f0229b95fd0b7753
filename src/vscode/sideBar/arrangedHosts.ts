import { groupOf } from "../../connectionOrder.js";
import { savedIdOf } from "../../savedConnectionId.js";
import { formatTarget, type Target } from "../../ssh/model/target.js";
import { isThisMachine, thisMachine } from "../../ssh/model/thisMachine.js";
import type { Host } from "../connections/hosts.js";
import type { WindowPlaces } from "../places/placesOf.js";

/** The hosts of the tree, from top to bottom. */
export interface ArrangedHosts {
  /** The host that the window is on; at most one. */
  readonly first: readonly Host[];
  /** In their groups, in order. */
  readonly others: readonly Host[];
  /** This machine, if the window is not on it. */
  readonly last: readonly Host[];
}

/** @param hosts in the order of all lists. */
export function arrangedHosts(
  hosts: readonly Host[],
  { host, isHereFirst, isHereListed }: WindowPlaces,
): ArrangedHosts {
  const known = (target: Target): Host | undefined =>
    hosts.find((one) => formatTarget(one.target) === formatTarget(target));
  const windows = host && (known(host.target) ?? hostAt(host.target));
  const here = known(thisMachine) ?? (isHereListed ? hostAt(thisMachine) : undefined);
  const free = here && !isArranged(here) ? [here] : [];
  return {
    first: [...(windows ? [windows] : []), ...(isHereFirst ? free : [])],
    others: hosts.filter((one) => one !== windows && !free.includes(one)),
    last: isHereFirst ? [] : free,
  };
}

/** A host of which only the target is known. */
export function hostAt(target: Target): Host {
  return {
    id: savedIdOf(target),
    target,
    saved: undefined,
    connection: undefined,
    awaited: undefined,
    sessions: [],
    state: { kind: "not-connected" },
  };
}

/** Whether the user has sorted or grouped it. */
function isArranged({ target, saved }: Host): boolean {
  return (
    isThisMachine(target) &&
    saved !== undefined &&
    (saved.order !== undefined || groupOf(saved) !== undefined)
  );
}
