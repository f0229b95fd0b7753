import { beforeEach, describe, expect, it } from "vitest";
import type { FailureDetail } from "../../../../src/common/failure.js";
import type { RemoteViewer, SessionState, ViewerSession } from "../../../../src/viewer/session/session.js";
import type { SessionJob } from "../../../../src/vscode/jobKit/jobOfSession.js";
import type { Page } from "../../../../src/vscode/viewers/page.js";
import { type Reachability, startingPage } from "../../../../src/vscode/viewers/pageOf.js";
import { PanelContent, type PanelSurface } from "../../../../src/vscode/viewers/panelContent.js";

const remote: RemoteViewer = {
  pid: 1,
  startTime: "2",
  supervisor: { pid: 2, startTime: "1" },
  address: { port: 3 },
  runicornVersion: "0.7.2",
};
const running: SessionState = { kind: "running", remote, localPort: 4 };
const reconnecting: SessionState = {
  kind: "reconnecting",
  remote,
  localPort: 4,
  cause: { code: "connection-lost", host: "gpu", port: 22 } as FailureDetail,
  wait: { kind: "connecting" },
};
const answers: Reachability = { kind: "answers", url: "http://localhost:4/" };

let session: ViewerSession | undefined;
let job: SessionJob | undefined;
let end: ReturnType<PanelSurface["end"]>;
let reach: () => Promise<Reachability>;
/** What the panel was told, in order. */
let told: string[];
let pages: Page[];
let content: PanelContent;
beforeEach(() => {
  session = sessionIn(running);
  job = undefined;
  end = { place: { target: { host: "gpu" }, root: "/runs" }, onHost: undefined };
  reach = () => Promise.resolve(answers);
  told = [];
  pages = [];
  content = new PanelContent({
    session: () => session,
    end: () => end,
    beside: () => ({ job }),
    reachabilityOf: () => reach(),
    onSession: () => undefined,
    post: (page) => {
      pages.push(page);
      told.push(nameOf(page));
    },
    render: (origin) => told.push(`document for ${origin ?? "no origin"}`),
  });
});

function sessionIn(state: SessionState): ViewerSession {
  return {
    id: "0a0a0a0a",
    connectionId: "someone@gpu:22",
    host: "gpu",
    environment: {
      python: "/env/bin/python",
      name: "train",
      kind: "venv",
      prefix: "/env",
      pythonVersion: undefined,
      runicornVersion: "0.7.2",
      problem: undefined,
    },
    root: "/runs",
    startedAt: 1,
    kept: false,
    state,
  };
}

function nameOf(page: Page): string {
  return page.kind === "viewer" ? page.url : page.kind === "ended" ? `ended: ${page.message}` : page.kind;
}

/** The first document asks for its page, the viewer answers, and so does the document that may frame it. */
async function showViewer(): Promise<void> {
  content.begin();
  content.ready();
  await new Promise(setImmediate);
  content.ready();
  expect(told.splice(0)).toEqual([
    "document for no origin",
    "waiting",
    "document for http://localhost:4",
    "http://localhost:4/",
  ]);
}

describe("the content of a viewer's panel", () => {
  it("is a document of its own for the viewer's origin, once the viewer answers", showViewer);

  it("stays while other sessions change", async () => {
    await showViewer();
    await content.update();
    expect(told).toEqual([]);
  });

  it("lies under a notice while the host is away, and is not replaced when the viewer is back", async () => {
    await showViewer();
    session = sessionIn(reconnecting);
    await content.update();
    session = sessionIn(running);
    await content.update();
    expect(told).toEqual(["reconnecting", "http://localhost:4/"]);
  });

  it("says that the viewer does not answer, and shows it after another try", async () => {
    reach = () => Promise.resolve({ kind: "does-not-answer" });
    content.begin();
    content.ready();
    await new Promise(setImmediate);
    expect(told.splice(0)).toEqual([
      "document for no origin",
      "waiting",
      "ended: The viewer does not answer.",
    ]);
    reach = () => Promise.resolve(answers);
    await content.update();
    content.ready();
    expect(told).toEqual(["waiting", "document for http://localhost:4", "http://localhost:4/"]);
  });

  it("throws away an answer that comes after the session has ended", async () => {
    let answer: (reachability: Reachability) => void = () => undefined;
    reach = () => new Promise((resolve) => (answer = resolve));
    content.begin();
    content.ready();
    session = sessionIn({ kind: "stopped", onHost: { kind: "gone" } });
    await content.update();
    answer(answers);
    await new Promise(setImmediate);
    expect(told).toEqual(["document for no origin", "waiting", "ended: The viewer on gpu was stopped."]);
  });

  it("says that a session has failed, although the facts of the failure are missing", async () => {
    await showViewer();
    session = sessionIn({ kind: "failed", failure: { code: "connection-lost" }, remote });
    await content.update();
    expect(told).toEqual(["ended: Something failed: connection-lost"]);
  });

  it.each([
    [{ kind: "left" } as const, "The viewer on gpu was left running."],
    [
      {
        kind: "unconfirmed",
        cause: { code: "exec-timed-out", host: "gpu", seconds: 20 } as FailureDetail,
      } as const,
      "It could not be confirmed that the viewer on gpu was stopped. A command on gpu did not end within 20 seconds.",
    ],
  ])("says no more than is known of the end %j", async (onHost, message) => {
    await showViewer();
    session = sessionIn({ kind: "stopped", onHost });
    await content.update();
    expect(told).toEqual([`ended: ${message}`]);
  });

  it("says that a session has ended which was never there", async () => {
    session = undefined;
    content.begin();
    content.ready();
    await new Promise(setImmediate);
    expect(told).toEqual(["document for no origin", "ended: The viewer on gpu is no longer running."]);
  });

  it.each([
    ["gone", "Nothing of it is left running on the host."],
    ["left", "Start Again connects to the host and shows it again."],
  ] as const)("says what a session left on its host that has ended: %s", async (onHost, advice) => {
    await showViewer();
    session = undefined;
    end = { ...end, onHost: { kind: onHost } };
    await content.update();
    expect(pages.at(-1)).toMatchObject({ kind: "ended", advice });
    const labels = (pages.at(-1) as Extract<Page, { kind: "ended" }>).buttons.map(({ label }) => label);
    expect(labels).toEqual(["Start Again", "Open Viewer With…", "Close"]);
  });

  it("keeps a page that is held, whatever becomes of sessions, and shows the session afterwards", async () => {
    await showViewer();
    content.hold(startingPage({ target: { host: "gpu" } }, { now: "viewer", detail: "starting…" }));
    session = sessionIn(reconnecting);
    await content.update();
    session = sessionIn(running);
    content.letGo();
    await new Promise(setImmediate);
    expect(told).toEqual(["starting", "waiting", "http://localhost:4/"]);
  });

  it("says above the viewer how its job is, and warns before its end, while the page stays", async () => {
    await showViewer();
    const login = { host: "gpu" };
    const endsIn = (minutes: number) => Date.now() + minutes * 60_000 + 1_000;
    job = { jobId: "7", login, state: { kind: "running", node: "node1", endsAt: endsIn(60) } };
    await content.update();
    job = { jobId: "7", login, state: { kind: "running", node: "node1", endsAt: endsIn(9) } };
    await content.update();
    await content.update();
    expect(told).toEqual(["http://localhost:4/", "http://localhost:4/"]);
    const [before, after] = pages.slice(-2) as Extract<Page, { kind: "viewer" }>[];
    expect([before?.header.text, before?.note?.includes("Job 7")]).toEqual([
      "train · Runicorn 0.7.2 · /runs · job 7: node1, 1 h left",
      false,
    ]);
    expect(after?.header.text).toBe("train · Runicorn 0.7.2 · /runs · job 7: node1, 9 min left");
    expect(after?.note).toBe("Job 7 has 9 min left. This viewer ends with it.");
  });

  it("offers another job where its job has ended", async () => {
    await showViewer();
    const failure = { code: "job-ended", host: "gpu", jobId: "7", how: "timeLimit" } as FailureDetail;
    session = sessionIn({ kind: "failed", failure, remote });
    await content.update();
    expect(told).toEqual(["ended: Job 7 on gpu has reached its time limit."]);
    const labels = (pages.at(-1) as Extract<Page, { kind: "ended" }>).buttons.map(({ label }) => label);
    expect(labels).toEqual(["Run Again", "Open Viewer With…", "Show Log", "Close"]);
  });

  it("has a step for the job only where there is one", () => {
    const place = { target: { host: "gpu" } };
    const now = { now: "job", detail: "queued" } as const;
    const labels = (page: Page): string[] =>
      page.kind === "starting" ? page.steps.map(({ label }) => label) : [];
    const inJob = { ...place, where: { kind: "job", request: { minutes: 5 } } } as const;
    expect(labels(startingPage(place, { now: "connect", detail: "" }))).not.toContain("Job");
    expect(
      labels(startingPage({ ...place, where: { kind: "login" } }, { now: "connect", detail: "" })),
    ).not.toContain("Job");
    const page = startingPage(inJob, now);
    expect(labels(page)).toEqual(["Connect", "Python environment", "Job", "Viewer", "Tunnel"]);
    expect(page).toMatchObject({ advice: expect.stringContaining("Cancel removes it") as string });
  });

  it("waits for the document before it hands over a page", async () => {
    content.begin();
    await content.update();
    expect(told).toEqual(["document for no origin", "document for http://localhost:4"]);
    content.ready();
    expect(told.at(-1)).toBe("http://localhost:4/");
  });
});

it("says of a viewer that was being opened when the window was left that it did not get there", async () => {
  session = undefined;
  end = { place: { target: { host: "gpu" }, root: "/runs" }, onHost: undefined, wasOpening: true };
  content.begin();
  content.ready();
  await content.update();
  const page = pages.at(-1);
  expect(page?.kind === "ended" && page.message).toContain("was being opened");
  expect(page?.kind === "ended" && page.buttons[0]?.id).toBe("start-again");
});
