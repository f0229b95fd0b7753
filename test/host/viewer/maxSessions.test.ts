import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { createEnvironments } from "../../../src/environments/environments.js";
import { runScript } from "../../../src/ssh/channel/script.js";
import { Cancelled, Failure } from "../../../src/common/failure.js";
import { silentLogger } from "../../../src/common/logger.js";
import { describeFailure } from "../../../src/messages/describeFailure.js";
import { followLog } from "../../../src/viewer/remote/followLog.js";
import { listHostSessions } from "../../../src/viewer/remote/hostSessions.js";
import { sessionUrl } from "../../../src/viewer/session/session.js";
import {
  connectByConfig,
  createTestClient,
  createTestViewers,
  type TestClient,
} from "../../support/client.js";
import { environmentNamed } from "../../support/connectedHost.js";
import { paired } from "../../support/matrix.js";
import { postQuantumOnly } from "../../support/postQuantum.js";
import { processesIn } from "../../support/processes.js";
import { type HostHome, makeHostHome } from "../../support/runicorn/hostHome.js";
import { type Sshd, startSshd } from "../../support/sshd.js";
import { createTestSyncs } from "../../support/syncRig.js";
import { until } from "../../support/until.js";

let host: HostHome;
let client: TestClient;
let server: Sshd;
beforeAll(async () => {
  host = await makeHostHome();
});
afterAll(() => host.dispose());
afterEach(async () => {
  await client.dispose();
  await server.stop();
});

const ways = [
  ["in this process", []],
  ["by the system's ssh", postQuantumOnly],
] as const;
const reached = (granted: readonly number[]) =>
  paired(granted, ways).map(([sessions, [name, config]]) => [name, sessions, config] as const);

it.each(reached([1, 2, 3, 10]))(
  "a host reached %s that grants %d sessions shows environments, viewers and their logs, and stops them",
  async (_name, sessions, config) => {
    client = await createTestClient();
    server = await startSshd({ home: host.home, config: [...config, `MaxSessions ${sessions}`] });
    const connection = await connectByConfig(client, server);
    const viewers = createTestViewers(client);
    await viewers.adopt(connection);
    const { environments, complete } = await createEnvironments().list(connection);
    const environment = environments.find(({ name }) => name === "train");
    if (!environment) throw new Error("no environment");
    expect(complete).toBe(true);

    const request = { environment, root: host.root };
    const [one, two] = await Promise.all([
      viewers.start(connection, request),
      viewers.start(connection, request),
    ]);
    for (const session of [one, two]) {
      expect(session.state.kind).toBe("running");
      expect((await fetch(new URL("/api/health", sessionUrl(session)))).status).toBe(200);
    }
    expect((await listHostSessions(connection)).sessions.map(({ id }) => id).sort()).toEqual(
      [one.id, two.id].sort(),
    );
    expect((await viewers.readLog(one.id)).text).toContain("Uvicorn running");

    let heard = "";
    const following = followLog({
      sessionId: two.id,
      connection: () => connection,
      isThere: () => true,
      onText: (text) => (heard += text),
      logger: silentLogger,
    });
    await until("its log is followed", () => heard.includes("Uvicorn running"));
    // Whatever else is under way, and hangs.
    const hanging = runScript(connection, "main() { sleep 3; }", [], { timeout: 300 });
    await expect(hanging).rejects.toMatchObject({ detail: { code: "exec-timed-out" } });
    await Promise.all([viewers.stop(one.id), viewers.stop(two.id)]);
    following.dispose();
    expect(viewers.sessions).toEqual([]);
    // One that is cancelled while it begins is not there a moment later either.
    const cancelled = new AbortController();
    const starting = viewers.start(connection, request, { signal: cancelled.signal });
    starting.catch(() => undefined);
    // A look at all processes may take longer than the beginning.
    await until("it begins", () => existsSync(join(host.home, ".cache", "runicorn-remote")));
    cancelled.abort();
    await expect(starting).rejects.toBeInstanceOf(Cancelled);
    await until("nothing runs there", async () =>
      (await processesIn(host.home)).every(({ commandLine }) => !/runicorn/i.test(commandLine)),
    );
    expect(existsSync(join(host.home, ".cache", "runicorn-remote"))).toBe(false);
    expect(connection.state).toBe("open");
  },
);

it.each(reached([1, 2]))(
  "a host reached %s that grants %d sessions mirrors runs beside a viewer, or names the limit",
  async (_name, sessions, config) => {
    client = await createTestClient();
    server = await startSshd({ home: host.home, config: [...config, `MaxSessions ${sessions}`] });
    const connection = await connectByConfig(client, server);
    const viewers = createTestViewers(client);
    const environment = await environmentNamed("train", connection);
    const viewer = await viewers.start(connection, { environment, root: host.root });
    const syncs = createTestSyncs(client.connections, client.home);
    const begun = await syncs
      .start(connection, { root: host.root, mode: "mirror" })
      .catch((error: unknown) => (error instanceof Failure ? error : expect.fail(String(error))));
    if (begun instanceof Failure) {
      expect(begun).toMatchObject({ detail: { code: "channel-refused" } });
      expect(sessions).toBe(1);
      const { message, advice } = describeFailure(begun.detail);
      expect(`${message} ${advice}`).toContain("MaxSessions");
    } else {
      // Also where there is one session, while our shell does not have it.
      const { id } = begun;
      await until("it is as the host", async () => (await syncs.get(id))?.state.kind === "waiting");
      await syncs.stop(id);
    }
    expect((await fetch(new URL("/api/health", sessionUrl(viewer)))).status).toBe(200);
    await viewers.stop(viewer.id);
    expect(existsSync(join(host.home, ".cache", "runicorn-remote"))).toBe(false);
    expect(connection.state).toBe("open");
    await syncs.close();
  },
);
