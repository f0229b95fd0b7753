import { describe, expect, it } from "vitest";
import { formatTarget, type Target } from "../../../../src/ssh/model/target.js";
import { thisMachine } from "../../../../src/ssh/model/thisMachine.js";
import type { SavedConnection } from "../../../../src/savedConnections.js";
import type { Host } from "../../../../src/vscode/connections/hosts.js";
import type { WindowPlaces } from "../../../../src/vscode/places/placesOf.js";
import { arrangedHosts, hostAt } from "../../../../src/vscode/sideBar/arrangedHosts.js";

const host = (target: Target | string, saved?: Partial<SavedConnection>): Host => {
  const at = hostAt(typeof target === "string" ? { host: target } : target);
  return saved ? { ...at, saved: { ...saved, target: at.target } as SavedConnection } : at;
};
const laptop: WindowPlaces = { isHereListed: true, isHereFirst: false, host: undefined, hereText: "box" };
const server: WindowPlaces = { ...laptop, isHereFirst: true };
const onHost = (name: string): WindowPlaces => ({
  ...laptop,
  host: { target: { host: name }, folder: "/data" },
});
const shown = (hosts: readonly Host[], places: WindowPlaces): readonly (readonly string[])[] => {
  const { first, others, last } = arrangedHosts(hosts, places);
  return [first, others, last].map((some) => some.map(({ target }) => formatTarget(target)));
};
const here = thisMachine.host;

describe("the hosts of the tree", () => {
  it("have this machine below them on a laptop, and above them where the window is on it", () => {
    expect(shown([host("a"), host("b")], laptop)).toEqual([[], ["a", "b"], [here]]);
    expect(shown([host("a"), host("b")], server)).toEqual([[here], ["a", "b"], []]);
    expect(shown([], laptop)).toEqual([[], [], [here]]);
  });

  it("do not have it where it cannot be one, but where it is in use", () => {
    const windows = { ...laptop, isHereListed: false };
    expect(shown([host("a")], windows)).toEqual([[], ["a"], []]);
    expect(shown([host(thisMachine), host("a")], windows)).toEqual([[], ["a"], [here]]);
  });

  it("have it where a person has put it", () => {
    const grouped = host(thisMachine, { group: "mine" });
    const ordered = host(thisMachine, { order: 1 });
    expect(shown([grouped, host("a")], server)).toEqual([[], [here, "a"], []]);
    expect(shown([host("a"), ordered], laptop)).toEqual([[], ["a", here], []]);
    expect(shown([host(thisMachine, {}), host("a")], laptop)).toEqual([[], ["a"], [here]]);
  });

  it("have that of the window above all, once, known or not, and out of its group", () => {
    const gpu = host("gpu", { group: "lab" });
    expect(arrangedHosts([host("a"), gpu], onHost("gpu")).first).toEqual([gpu]);
    expect(shown([host("a"), gpu], onHost("gpu"))).toEqual([["gpu"], ["a"], [here]]);
    expect(shown([host("a")], onHost("new"))).toEqual([["new"], ["a"], [here]]);
  });
});
