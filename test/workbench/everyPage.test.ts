import type { Frame } from "playwright-core";
import { describe, expect } from "vitest";
import type { RemoteViewer, SessionState, ViewerSession } from "../../src/viewer/session/session.js";
import { earlierDiagnosisPage } from "../../src/vscode/diagnosis/diagnosisPage.js";
import type { ViewerPlace } from "../../src/vscode/kit/viewerPlace.js";
import type { Page } from "../../src/vscode/viewers/page.js";
import {
  cutShortPage,
  endedPage,
  lookingPage,
  notOpenedPage,
  pageOf,
  type Reachability,
  startingPage,
} from "../../src/vscode/viewers/pageOf.js";
import { describeFailure } from "../../src/messages/describeFailure.js";
import { until } from "../support/until.js";
import { violationsIn } from "../support/vscode/axe.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { inOtherThemes } from "../support/vscode/picturesInThemes.js";
import { windowTest } from "../support/vscode/windowTest.js";

/** Milliseconds. */
const limit = 300_000;

const place: ViewerPlace = { target: { host: "gpu" }, root: "/data/runs" };
const remote: RemoteViewer = {
  pid: 1,
  startTime: "2",
  supervisor: { pid: 2, startTime: "1" },
  address: { port: 3 },
  runicornVersion: "0.7.2",
};
const environment = {
  python: "/env/bin/python",
  name: "train",
  kind: "venv",
  prefix: "/env",
  pythonVersion: undefined,
  runicornVersion: "0.7.2",
  problem: undefined,
} as const;
const lost = { code: "connection-lost", host: "gpu", port: 22 };
const exited = { code: "viewer-exited", exitCode: 1, log: "line after line\n".repeat(100) };

const sessionIn = (state: SessionState): ViewerSession => ({
  id: "0a0a0a0a",
  connectionId: "someone@gpu:22",
  host: "gpu",
  environment,
  root: "/data/runs",
  startedAt: 1,
  kept: false,
  state,
});
const running = (reachability: Reachability): Page =>
  pageOf(sessionIn({ kind: "running", remote, localPort: 4 }), reachability);
const reconnecting = (wait: Extract<SessionState, { kind: "reconnecting" }>["wait"]): Page =>
  pageOf(sessionIn({ kind: "reconnecting", remote, localPort: 4, cause: lost, wait }), { kind: "checking" });
const choice = { environment, root: "/data/runs", rootReason: "from Runicorn's settings" };

const viewer = running({ kind: "answers", url: "http://4.localhost:4/" });
const overlay = reconnecting({ kind: "connecting" });
const stopped = endedPage(place, { kind: "gone" });

/** What the panel of a viewer can show, in an order in which it may come. */
const pages: Readonly<Record<string, Page>> = {
  "a viewer is looked for": lookingPage(place),
  "the first step": startingPage(place, { now: "connect", detail: "connecting…" }),
  "the third step, with what was chosen": startingPage(place, { now: "viewer", detail: "starting…", choice }),
  "it starts": pageOf(sessionIn({ kind: "starting", phase: "launching", remote: undefined }), {
    kind: "checking",
  }),
  "it is asked whether it answers": running({ kind: "checking" }),
  "the viewer, with a warning": viewer,
  "it is reconnected to": overlay,
  "a person must want the next try": reconnecting({ kind: "person", failure: lost }),
  "it stops": pageOf(
    sessionIn({
      kind: "stopping",
      remote,
      before: { kind: "running", remote, localPort: 4 },
    }),
    { kind: "checking" },
  ),
  "it was stopped": stopped,
  "it was left running": endedPage(place, { kind: "left" }),
  "its stop was not confirmed": endedPage(place, { kind: "unconfirmed", cause: lost }),
  "it ended while nobody was there": endedPage(place),
  "nothing is known of it": endedPage(undefined),
  "it was on its way": cutShortPage(place),
  "it was not opened": notOpenedPage("gpu", describeFailure(exited), "Compare Keys"),
  "it has failed": pageOf(sessionIn({ kind: "failed", failure: exited, remote: undefined }), {
    kind: "checking",
  }),
  "it does not answer": running({ kind: "does-not-answer" }),
  "it needs a tab of its own": running({ kind: "needs-own-origin" }),
  "an earlier diagnosis": earlierDiagnosisPage({ host: "gpu" }),
};

/** The page of a panel is told to show each of what it can show, as the extension tells it. */
describe("the page of a panel", { timeout: limit }, () => {
  let frame: Frame;
  const it = windowTest({
    version: "newest",
    prepare: async ({ window, sshd }) => {
      await window.showSideBar("Runicorn Remote");
      await sshd.halt();
      await mainJob.chooseHost(window, "gpu");
      frame = await window.panelText("refuses connections");
    },
  });

  const show = async (page: Page): Promise<void> => {
    const message = JSON.stringify({ kind: "show", page, state: { sessionId: "" } });
    await frame.evaluate(
      `window.dispatchEvent(new MessageEvent("message", { origin: window.origin, data: ${message} }))`,
    );
  };
  const focus = (selector: string): Promise<void> => frame.locator(selector).focus();
  /** What has the focus: its name, and its text where it is no frame. */
  const focused = (): Promise<string> =>
    frame.evaluate(
      `(({ localName, textContent }) => localName === "iframe" ? localName : localName + ": " + textContent)(document.activeElement)`,
    );

  it("is accessible whatever it shows, in all colours", async ({ stage, window }) => {
    const found: Record<string, unknown> = {};
    const look = async (colours: string): Promise<void> => {
      for (const [name, page] of Object.entries(pages)) {
        await show(page);
        const violations = await violationsIn(frame);
        if (violations.length > 0) found[`${name}, ${colours}`] = violations;
        expect.soft(await frame.title(), name).toBe(page.title);
        if (colours === "dark") await stage.picture(`page-${Object.keys(pages).indexOf(name)}`);
      }
    };
    await look("dark");
    await inOtherThemes(window, look);
    expect(found).toEqual({});
  });

  it("gives the focus to the card that takes the place of what had it", async () => {
    await show(stopped);
    await focus("[data-button=start-again]");
    await show(startingPage(place, { now: "connect", detail: "connecting…" }));
    expect(await focused()).toBe("h1: Opening the viewer on gpu");
    await focus("[data-button=cancel]");
    await show(startingPage(place, { now: "viewer", detail: "starting…", choice }));
    expect(await focused()).toBe("vscode-button: Cancel");
    await show(viewer);
    expect(await focused()).toBe("h1: runs · gpu");
    await focus("[data-button=change]");
    await show(stopped);
    expect(await focused()).toBe("h1: The viewer on gpu was stopped.");
  });

  it("takes the focus out of a viewer that is covered, and gives it back", async () => {
    await show(viewer);
    await focus("iframe");
    await show(overlay);
    expect(await focused()).toBe("h1: Reconnecting to gpu…");
    await focus("[data-button=show-log]");
    await show(overlay);
    expect(await focused()).toBe("vscode-button: Show Log");
    await show(viewer);
    expect(await focused()).toBe("iframe");
    await show(overlay);
    await show(stopped);
    expect(await focused()).toBe("h1: The viewer on gpu was stopped.");
  });

  it.for([
    ["the viewer", "iframe"],
    ["a button", "[data-button=change]"],
  ] as const)(
    "leaves the focus in another part of the window when %s had it before",
    async ([, selector], { window }) => {
      await show(viewer);
      await focus(selector);
      const rows = '.pane:has(.pane-header[aria-label^="Connections"]) .monaco-list';
      /** What of the window has the focus: `rows`, or another element. */
      const focusedPart = (): Promise<string> =>
        window.page.evaluate(`(() => {
        const { activeElement } = document;
        if (document.querySelector('${rows}').contains(activeElement)) return "rows";
        return activeElement.cloneNode().outerHTML;
      })()`);
      await window.page.locator(rows).focus();
      // The page is a process of its own, which hears of that a moment later.
      const hasPage = (): Promise<boolean> => frame.evaluate("document.hasFocus()");
      await until(
        "the rows have the focus",
        async () => (await focusedPart()) === "rows" && !(await hasPage()),
      );
      await show(overlay);
      await show(stopped);
      await window.page.evaluate(
        "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))",
      );
      expect(await focusedPart()).toBe("rows");
    },
  );
});
