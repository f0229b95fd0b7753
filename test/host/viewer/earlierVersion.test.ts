import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sessionUrl } from "../../../src/viewer/session/session.js";
import type { Viewers } from "../../../src/viewer/viewers.js";
import { createTestViewers } from "../../support/client.js";
import { type ConnectedHost, connectHost } from "../../support/connectedHost.js";
import { recorded, startAsEarlier } from "../../support/earlier/earlier.js";
import { freePort } from "../../support/ports.js";
import { processesIn } from "../../support/processes.js";
import { until } from "../../support/until.js";
import { openLogPage } from "../../support/viewer/logPage.js";

/** An update of the extension finds viewers that the version before it has started. */

let stage: ConnectedHost;
let lastSession = 0;
beforeAll(async () => {
  stage = await connectHost();
});
afterAll(() => stage.dispose());

interface Found {
  readonly id: string;
  readonly viewers: Viewers;
  readonly localPort: number;
  readonly pid: number;
  readonly supervisorPid: number;
}

/** A viewer of the earlier version, and a window of this one that has found it. */
async function adopted(before?: (found: Found) => void): Promise<Found> {
  const { client, connection, train, host } = stage;
  const id = (0xea000000 + (lastSession += 1)).toString(16);
  const { port, pid, supervisorPid } = await startAsEarlier(connection, {
    id,
    python: train.python,
    root: host.root,
  });
  const localPort = await freePort();
  const [entry] = JSON.parse(await recorded("sessions.json")) as object[];
  const places = {
    connectionId: connection.id,
    target: connection.target,
    python: train.python,
    root: host.root,
  };
  await mkdir(join(client.home, "data"), { recursive: true });
  const remembered = [{ ...entry, ...places, id, remotePort: port, localPort }];
  await writeFile(join(client.home, "data", "sessions.json"), JSON.stringify(remembered, undefined, 2));
  const found = { id, viewers: createTestViewers(client), localPort, pid, supervisorPid };
  before?.(found);
  await found.viewers.adopt(connection);
  return found;
}

async function expectShown({ id, viewers, localPort }: Found): Promise<void> {
  const session = viewers.get(id);
  expect(session).toMatchObject({ kept: true, root: stage.host.root, state: { kind: "running", localPort } });
  const page = await fetch((session && sessionUrl(session)) ?? "");
  expect(await page.text()).toContain("<!doctype html>");
  expect((await viewers.readLog(id)).text).toContain("Uvicorn running");
}

async function expectStopped({ id, viewers }: Found): Promise<void> {
  await viewers.stop(id);
  expect(viewers.sessions).toEqual([]);
  const isOurs = ({ commandLine }: { commandLine: string }) => /runicorn viewer|supervisor/.test(commandLine);
  await until("nothing is left", async () => !(await processesIn(stage.host.home)).some(isOurs));
  expect(existsSync(join(stage.host.home, ".cache", "runicorn-remote"))).toBe(false);
}

describe("a viewer that an earlier version has started", () => {
  it("is found, shown at its port, kept and stopped", async () => {
    const found = await adopted();
    await expectShown(found);
    await found.viewers.keep(found.id);
    await expectShown(found);
    await expectStopped(found);
  });

  it("is restarted by this version, and stopped", async () => {
    const found = await adopted();
    await found.viewers.restart(found.id);
    await expectShown(found);
    await expectStopped(found);
  });

  it("is found and stopped when its supervisor was killed, which is started again as that version left it", async () => {
    const found = await adopted(({ supervisorPid }) => process.kill(supervisorPid, "SIGKILL"));
    await expectShown(found);
    await expectStopped(found);
  });

  it("is stopped while a page follows a log", async () => {
    const found = await adopted();
    const session = found.viewers.get(found.id);
    if (!session) throw new Error("it was not found");
    const socket = await openLogPage(session);
    await expectStopped(found);
    socket.destroy();
  });

  it("and that ended by itself is told to have, and is started again", async () => {
    const found = await adopted(({ pid }) => process.kill(pid, "SIGKILL"));
    await until("it is known", () => found.viewers.get(found.id)?.state.kind === "failed");
    expect(found.viewers.get(found.id)?.state).toMatchObject({ failure: { code: "viewer-exited" } });
    await found.viewers.restart(found.id);
    expect(found.viewers.get(found.id)?.state.kind).toBe("running");
    await expectStopped(found);
  });
});
