import { describe, expect, it } from "vitest";
import {
  type SettingName,
  settingFrom,
  settingsTable,
  usedInstead,
} from "../../../../src/vscode/kit/settingsTable.js";

describe("a setting", () => {
  it.each<[SettingName, unknown, unknown]>([
    ["api.enabled", true, true],
    ["api.enabled", "true", false],
    ["relay.url", "https://relay.example", "https://relay.example"],
    ["relay.url", 7, ""],
    ["relay.allowedHosts", ["a", 7, null, "b"], ["a", "b"]],
    ["relay.allowedHosts", "a", []],
    ["tunnel.backends", undefined, ["openssh", "in-process"]],
    ["tunnel.backends", ["in-process", "telnet"], ["in-process"]],
    ["tunnel.backends", ["telnet"], ["openssh", "in-process"]],
    ["api.port", 8080, 8080],
    ["api.port", 0, 1],
    ["api.port", 70_000, 65_535],
    ["api.port", 80.4, 80],
    ["api.port", "80", 23_300],
    ["api.port", NaN, 23_300],
    ["viewer.graceMinutes", 0.5, 0.5],
    ["viewer.graceMinutes", -1, 0],
    ["sync.onDemandLimit", 1e9, 1e9],
  ])("%s, written as %j, is %j", (name, written, expected) => {
    expect(settingFrom(name, written)).toEqual(expected);
  });

  it("has its default where nothing is written", () => {
    for (const name of Object.keys(settingsTable) as SettingName[])
      expect(settingFrom(name, undefined)).toEqual(settingsTable[name].default);
  });

  it.each<[SettingName, unknown, unknown]>([
    ["api.port", 70_000, 65_535],
    ["api.port", "80", 23_300],
    ["viewer.graceMinutes", "ten", 10],
    ["tunnel.backends", ["in-process", "telnet"], ["in-process"]],
    ["relay.allowedHosts", ["a", 7], ["a"]],
    ["api.enabled", "yes", false],
  ])("%s, written as %j, is said to be %j instead", (name, written, used) => {
    expect(usedInstead(name, written)).toEqual(used);
  });

  it("is not spoken of where it is used as it is written, or nothing is", () => {
    expect(usedInstead("api.port", 8080)).toBeUndefined();
    expect(usedInstead("relay.allowedHosts", [])).toBeUndefined();
    for (const name of Object.keys(settingsTable) as SettingName[]) {
      expect(usedInstead(name, undefined)).toBeUndefined();
      expect(usedInstead(name, settingsTable[name].default)).toBeUndefined();
    }
  });
});
