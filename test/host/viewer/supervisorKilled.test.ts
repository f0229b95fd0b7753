import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Connection } from "../../../src/ssh/model/connection.js";
import { askLeases } from "../../../src/viewer/remote/askLeases.js";
import { listHostSessions } from "../../../src/viewer/remote/hostSessions.js";
import type { ViewerSession } from "../../../src/viewer/session/session.js";
import type { Viewers } from "../../../src/viewer/viewers.js";
import { createTestViewers } from "../../support/client.js";
import { type ConnectedHost, connectHost } from "../../support/connectedHost.js";
import { mountDisk, unmount } from "../../support/files/mount.js";
import { processesIn } from "../../support/processes.js";
import { until } from "../../support/until.js";

const graceSeconds = 6;

let stage: ConnectedHost;
let connection: Connection;
let viewers: Viewers;
let sessions: string;

beforeAll(async () => {
  stage = await connectHost();
  ({ connection } = stage);
  viewers = createTestViewers(stage.client, graceSeconds);
  sessions = join(stage.host.home, ".cache", "runicorn-remote", "sessions");
});
afterEach(() => viewers.stopAll());
afterAll(() => stage.dispose());

const pidsOf = async (program: RegExp): Promise<number[]> =>
  (await processesIn(stage.host.home))
    .filter(({ commandLine }) => program.test(commandLine))
    .map(({ pid }) => pid);
const supervisors = (): Promise<number[]> => pidsOf(/sessions\/\w+\/supervisor\.py/);
const viewersThere = (): Promise<number[]> => pidsOf(/runicorn viewer/);
const graceIsOver = (): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, (graceSeconds + 1) * 1000));

/** A viewer whose supervisor was killed a moment ago. */
async function startUnheld(): Promise<ViewerSession> {
  const session = await viewers.start(connection, { environment: stage.train, root: stage.host.root });
  for (const pid of await supervisors()) process.kill(pid, "SIGKILL");
  return session;
}

const renew = ({ id }: ViewerSession): Promise<unknown> => askLeases(connection, "renew", [id]);

describe("a viewer whose supervisor was killed", () => {
  it("is held by one other, however many clients renew its lease at that moment, and lives on", async () => {
    const session = await startUnheld();
    await Promise.all([1, 2, 3, 4].map(() => renew(session)));
    await graceIsOver();
    expect(viewers.get(session.id)?.state.kind).toBe("running");
    expect(await viewersThere()).toHaveLength(1);
    expect(await supervisors()).toHaveLength(1);
  });

  it("ends where it had not answered yet", async () => {
    const starting = viewers.start(connection, { environment: stage.train, root: stage.host.root });
    starting.catch(() => undefined);
    await until("its process is there", async () => (await viewersThere()).length > 0);
    for (const pid of await supervisors()) process.kill(pid, "SIGKILL");
    await expect(starting).rejects.toMatchObject({ detail: { code: "viewer-exited" } });
    expect(await viewersThere()).toEqual([]);
    expect(existsSync(sessions)).toBe(false);
  });

  it("is kept when that is said first of all to the other one", async () => {
    const session = await startUnheld();
    await askLeases(connection, "keep", [session.id]);
    await viewers.leave();
    await graceIsOver();
    expect(await viewersThere()).toHaveLength(1);
    await viewers.adopt(connection);
  });

  it("is stopped together with the other one", async () => {
    const session = await startUnheld();
    await until("the other one holds it", async () => (await supervisors()).length === 1);
    await renew(session);
    await viewers.stop(session.id);
    expect(await supervisors()).toEqual([]);
    expect(existsSync(sessions)).toBe(false);
  });

  it("runs, whatever has become of its environment's Python, and may be stopped", async () => {
    const { python } = stage.train;
    const session = await startUnheld();
    await rename(python, `${python}.away`);
    try {
      expect(await askLeases(connection, "renew", [session.id])).toEqual(
        new Map([[session.id, { kind: "running" }]]),
      );
      expect((await listHostSessions(connection)).sessions).toMatchObject([{ status: { kind: "running" } }]);
      expect(await supervisors()).toHaveLength(1);
    } finally {
      await rename(`${python}.away`, python);
    }
    await viewers.stop(session.id);
    expect(await viewersThere()).toEqual([]);
  });

  it.skipIf(process.getuid?.() !== 0)(
    "is held by one that hears of it where no file can be written",
    async () => {
      const disk = join(stage.host.home, ".cache");
      await mkdir(disk, { recursive: true });
      mountDisk("size=4m", disk);
      try {
        const session = await viewers.start(connection, { environment: stage.train, root: stage.host.root });
        try {
          execFileSync("dd", ["if=/dev/zero", `of=${join(disk, "full")}`, "bs=64k"], { stdio: "ignore" });
        } catch {
          // That is the point.
        }
        for (const pid of await supervisors()) process.kill(pid, "SIGKILL");
        await until("another one holds it", async () => (await supervisors()).length > 0);
        await graceIsOver();
        expect(await supervisors()).toHaveLength(1);
        expect(viewers.get(session.id)?.state.kind).toBe("running");
        await viewers.stop(session.id);
        expect(await supervisors()).toEqual([]);
        expect(await viewersThere()).toEqual([]);
      } finally {
        await unmount(disk);
      }
    },
  );
});
