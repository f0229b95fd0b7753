import { beforeEach, describe, expect } from "vitest";
import type { TestAnswer, TestApi } from "../../support/api.js";
import { it } from "../../support/hostTest.js";
import type { Sshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

/** A viewer that ended is told as that by every request, from the first one on that knows. */

let server: Sshd;
let api: TestApi;
let lease: string;
let session: { readonly sessionId: string; readonly remotePid: number };

const get = (path: string): Promise<TestAnswer> => api.request("GET", path);
const listed = async () => (await get("/api/remote/viewer/sessions")).body.sessions;

it.beforeAll(({ api: started, trainServer }) => {
  [api, server] = [started, trainServer];
});
beforeEach(async () => {
  const { body } = await api.request("POST", "/api/remote/connect", {
    host: "127.0.0.1",
    port: server.port,
    username: server.user,
    auth_method: "key",
    private_key_path: server.identityFile,
  });
  lease = body.connection_id;
  const started = await api.request("POST", "/api/remote/viewer/start", {
    connection_id: lease,
    env_name: "train",
  });
  expect(started.status).toBe(200);
  [session] = await listed();
  return () => api.request("DELETE", `/api/remote/connections/${lease}`);
});

describe("a viewer that is killed", () => {
  it("is listed as failed, without its address, within a second", async () => {
    process.kill(session.remotePid, "SIGKILL");
    await until("the list says so", async () => (await listed())[0].status === "failed", 1_000);
    expect(await listed()).toMatchObject([{ isActive: false, url: null, error: expect.any(String) }]);
    const { viewer_sessions: inStatus } = (await get("/api/remote/status")).body;
    expect(inStatus).toMatchObject([{ status: "failed" }]);
    const { connections } = (await get("/api/remote/connections")).body;
    expect(connections).toMatchObject([{ viewer: { status: "failed", url: null } }]);
  });

  it.each(["health", "viewer/status"])(
    "is listed as failed once %s has told that it does not answer",
    async (path) => {
      process.kill(session.remotePid, "SIGKILL");
      const told = (await get(`/api/remote/${path}?connection_id=${lease}`)).body;
      const [list] = await listed();
      expect({ told: told.checks?.viewer_process ?? told.viewer.health, listed: list.status }).toEqual({
        told: path === "health" ? "fail" : "unhealthy",
        listed: "failed",
      });
    },
  );
});
