import { groupOf } from "../../connectionOrder.js";
import { savedIdOf } from "../../savedConnectionId.js";
import { formatTarget, type Target } from "../../ssh/model/target.js";
import { isThisMachine, thisMachine } from "../../ssh/model/thisMachine.js";
import type { Host } from "../connections/hosts.js";
import type { WindowPlaces } from "../places/placesOf.js";

/** The hosts of the tree, part by part from its top. */
export interface ArrangedHosts {
  /** Where the window is: at most one. */
  readonly first: readonly Host[];
  /** In their groups and their order. */
  readonly others: readonly Host[];
  /** This machine, where the window is not on it. */
  readonly last: readonly Host[];
}

/** @param hosts in the order in which every list shows them. */
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

/** A host of which nothing is known but where it is. */
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

/** Whether a person has put it where it is. */
function isArranged({ target, saved }: Host): boolean {
  return (
    isThisMachine(target) &&
    saved !== undefined &&
    (saved.order !== undefined || groupOf(saved) !== undefined)
  );
}
