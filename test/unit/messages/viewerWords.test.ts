import { describe, expect, it } from "vitest";
import { minutes, openToAccounts, placesWithReasons } from "../../../src/messages/viewerWords.js";
import type { ViewerSession } from "../../../src/viewer/session/session.js";

const session = (state: unknown): ViewerSession => ({ host: "gpu", state }) as ViewerSession;

describe("words about viewers", () => {
  it.each([
    [6, 0.1],
    [30, 0.5],
    [59, 1],
    [60, 1],
    [600, 10],
  ])("%d seconds are %d minutes", (seconds, text) => {
    expect(minutes(seconds)).toBe(text);
  });

  it("warn of other accounts only while a viewer listens on a port", () => {
    const onPort = { kind: "running", remote: { address: { port: 23_300 } } };
    const onSocket = { kind: "running", remote: { address: { socket: "/tmp/x/v" } } };
    expect(openToAccounts(session(onPort))).toContain("every account there can read these runs");
    expect(openToAccounts(session(onSocket))).toBeUndefined();
    expect(openToAccounts(session({ kind: "starting" }))).toBeUndefined();
  });

  it("sanitize paths and reasons from a host", () => {
    const places = [
      { path: "/tmp", reason: "noexec\u001b[31m" },
      { path: "/home/ada", reason: "full" },
    ];
    expect(placesWithReasons(places)).toBe("/tmp: noexec\\x1b[31m; /home/ada: full");
  });
});
