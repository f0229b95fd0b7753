import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { TestAnswer, TestApi } from "../../support/api.js";
import { it } from "../../support/hostTest.js";
import { makeKey, type Sshd } from "../../support/sshd.js";

/** Many requests for one host at once: they share what they can, and none is refused for being one of many. */

let server: Sshd;
let api: TestApi;

const many = 200;
const withKey = (file = server.identityFile) => ({
  host: "127.0.0.1",
  port: server.port,
  username: server.user,
  private_key_path: file,
  use_agent: false,
});
const connect = (file?: string): Promise<TestAnswer> =>
  api.request("POST", "/api/remote/connect", withKey(file));
const inV05 = (): Promise<TestAnswer> =>
  api.request("POST", "/api/remote/connect", { ...withKey(), auth_method: "key" });

/** How often each status was answered. */
async function statuses(requests: readonly Promise<TestAnswer>[]): Promise<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (const { status } of await Promise.all(requests)) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

const times = (ask: () => Promise<TestAnswer>): Promise<TestAnswer>[] => Array.from({ length: many }, ask);

it.beforeAll(({ api: started, trainServer }) => {
  [api, server] = [started, trainServer];
});

describe(`${many} requests at once`, () => {
  it("connect over one SSH connection, whether it is open already or not", async () => {
    expect(await statuses(times(() => connect()))).toEqual({ 200: many });
    expect(api.app.connections.all).toHaveLength(1);
    expect(await statuses(times(() => connect()))).toEqual({ 200: many });
    const accepted = (await server.log()).match(/Accepted publickey/g);
    expect(accepted).toHaveLength(1);
  });

  it("connect in version 0.5, each with an id of its own", async () => {
    const answers = await Promise.all(times(inV05));
    expect(await statuses(answers.map((answer) => Promise.resolve(answer)))).toEqual({ 200: many });
    expect(new Set(answers.map(({ body }) => body.connection_id)).size).toBe(many);
  }, 60_000);

  it("share one look at the environments", async () => {
    const id = `${server.user}@127.0.0.1:${server.port}`;
    const before = (await server.commands()).length;
    const list = (): Promise<TestAnswer> => api.request("GET", `/api/remote/conda-envs?connection_id=${id}`);
    expect(await statuses(times(list))).toEqual({ 200: many });
    expect((await server.commands()).length - before).toBeLessThan(10);
  });

  it("do not wait behind logins of others if their connection is open", async () => {
    const daemon = Number(await readFile(join(server.folder, "pid"), "utf8"));
    const strangers = ["a", "b", "c", "d", "e"].map((name) => join(api.home, name));
    for (const file of strangers) makeKey(file, "ed25519", "");
    process.kill(daemon, "SIGSTOP");
    try {
      const logins = strangers.map((file) => connect(file));
      const settled: unknown[] = [];
      for (const login of logins) void login.then((answer) => settled.push(answer));
      expect(await statuses(times(() => connect()))).toEqual({ 200: many });
      expect(settled).toEqual([]);
      process.kill(daemon, "SIGCONT");
      expect(await statuses(logins)).toEqual({ 401: strangers.length });
    } finally {
      process.kill(daemon, "SIGCONT");
    }
    expect(api.app.connections.all).toHaveLength(1);
  }, 60_000);
});
