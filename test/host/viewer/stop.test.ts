import { existsSync } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Connection } from "../../../src/ssh/model/connection.js";
import { stopViewer } from "../../../src/viewer/remote/hostSessions.js";
import type { ViewerSession } from "../../../src/viewer/session/session.js";
import type { Viewers } from "../../../src/viewer/viewers.js";
import { createTestViewers } from "../../support/client.js";
import { type ConnectedHost, connectHost } from "../../support/connectedHost.js";
import { openLogPage } from "../../support/viewer/logPage.js";
import { noOtherMachine } from "../../support/otherMachine.js";
import { processesIn, type RunningProcess } from "../../support/processes.js";
import { type Sshd, startSshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

/** Milliseconds for a stop on a busy machine; a stop that waits for what has ended already takes four seconds. */
const soon = 2_500;
/** STOP_ROUNDS above 1: the long form, which prints its times. */
const rounds = Number(process.env["STOP_ROUNDS"] ?? 1);
const longLimit = 60_000 + rounds * 15_000;

let stage: ConnectedHost;
let viewers: Viewers;

beforeAll(async () => {
  stage = await connectHost();
  viewers = createTestViewers(stage.client);
});
afterAll(async () => {
  await viewers.stopAll();
  await stage.dispose();
});

const folderOfOurs = () => join(stage.host.home, ".cache", "runicorn-remote");
const start = (connection: Connection): Promise<ViewerSession> =>
  viewers.start(connection, { environment: stage.train, root: stage.host.root });
/** The log, open: it can be read when its file is gone. */
const openLog = ({ id }: ViewerSession): Promise<FileHandle> =>
  open(join(folderOfOurs(), "sessions", id, "viewer.log"));

async function timeOfStop({ id }: ViewerSession): Promise<number> {
  const begun = performance.now();
  await viewers.stop(id);
  return performance.now() - begun;
}

async function expectNothingLeft(): Promise<void> {
  const isOurs = ({ commandLine }: RunningProcess) => /runicorn viewer|supervisor/.test(commandLine);
  // A supervisor that a lease has just started again finds its folder gone.
  await until("nothing is left", async () => !(await processesIn(stage.host.home)).some(isOurs));
  expect(existsSync(folderOfOurs())).toBe(false);
}

/** The times of one kind of stop. */
async function stopOften(stop: () => Promise<number>): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    times.push(await stop());
    await expectNothingLeft();
  }
  times.sort((a, b) => a - b);
  const [least, middle, most] = [times[0], times[times.length >> 1], times.at(-1)].map((time) =>
    Math.round(time ?? 0),
  );
  if (rounds > 1)
    console.log(
      `${expect.getState().currentTestName}: ${least}, ${middle}, ${most} ms (least, median, most)`,
    );
  expect(most).toBeLessThan(soon);
}

describe.skipIf(noOtherMachine).each([
  ["never reaps", undefined],
  ["reaps every ten seconds", 10],
])("on a host whose process 1 %s, a viewer", (_name, reapsEvery) => {
  let server: Sshd;
  let connection: Connection;
  beforeAll(async () => {
    const machine = {
      name: "container",
      bootId: "c0000000-0000-4000-8000-000000000001",
      ...(reapsEvery !== undefined && { reapsEvery }),
    };
    server = await startSshd({ home: stage.host.home, machine });
    connection = await stage.client.connectTo(server);
  });
  afterAll(async () => {
    await viewers.stopAll();
    await server.stop();
  });

  it(
    "is stopped as soon as it has ended, which it does in order",
    () =>
      stopOften(async () => {
        const session = await start(connection);
        const log = await openLog(session);
        const time = await timeOfStop(session);
        expect(await log.readFile("utf8")).toContain("Finished server process");
        await log.close();
        return time;
      }),
    longLimit,
  );

  it(
    "is stopped as soon, and ends in order, while a page follows a log",
    () =>
      stopOften(async () => {
        const session = await start(connection);
        const log = await openLog(session);
        const socket = await openLogPage(session);
        const time = await timeOfStop(session);
        socket.destroy();
        expect(await log.readFile("utf8")).toContain("Finished server process");
        await log.close();
        return time;
      }),
    longLimit,
  );

  it("whose supervisor was killed is stopped as soon", async () => {
    const session = await start(connection);
    if (session.state.kind !== "running") throw new Error(session.state.kind);
    const supervisors = (await processesIn(stage.host.home)).filter(({ commandLine }) =>
      commandLine.includes("supervisor.py"),
    );
    for (const { pid } of supervisors) process.kill(pid, "SIGKILL");
    expect(supervisors).toHaveLength(1);
    expect(await timeOfStop(session)).toBeLessThan(soon);
    await expectNothingLeft();
  });
});

describe("a session that has no more than a folder yet", () => {
  it("is this machine's, and nothing of it is left by a stop", async () => {
    const folder = join(folderOfOurs(), "sessions", "0abe0abe");
    await mkdir(folder, { recursive: true, mode: 0o700 });
    expect(await stopViewer(stage.connection, "0abe0abe", undefined)).toEqual({ kind: "gone" });
    expect(existsSync(folderOfOurs())).toBe(false);
  });
});

describe("a viewer with a page that follows a log", () => {
  it("ends in order and is not killed", async () => {
    const session = await start(stage.connection);
    const socket = await openLogPage(session);
    const log = await openLog(session);
    expect(await timeOfStop(session)).toBeLessThan(soon);
    expect(await log.readFile("utf8")).toContain("Finished server process");
    await log.close();
    socket.destroy();
    await expectNothingLeft();
  });
});
