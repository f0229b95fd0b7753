import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HostHome, makeHostHome } from "../../support/runicorn/hostHome.js";
import {
  alwaysTellsAccounts,
  type ServeProcess,
  startServe,
  startServeBehind,
  untold,
} from "../../support/serveProcess.js";
import { type Sshd, startSshd } from "../../support/sshd.js";

/** A server of the API that is killed and started again with the same data knows its viewers. */

/** Milliseconds after the second start was asked for at which it is killed; SERVE_KILLS says how many: `npm run test:serve-kills`. */
const kills = Number(process.env["SERVE_KILLS"] ?? 2);
const moments = Array.from({ length: kills }, (_, index) =>
  Math.round((index * 2_500) / Math.max(kills - 1, 1)),
);

let home: string;
let host: HostHome;
let server: Sshd;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "serve-"));
  host = await makeHostHome();
  server = await startSshd({ home: host.home });
});
afterAll(async () => {
  await server.stop();
  await host.dispose();
  await rm(home, { recursive: true, force: true });
});

interface Session {
  readonly sessionId: string;
  readonly localPort: number;
  readonly remotePid: number;
  readonly status: string;
  readonly url: string;
}

const withKey = () => ({
  host: "127.0.0.1",
  port: server.port,
  username: server.user,
  private_key_path: server.identityFile,
  use_agent: false,
});

async function ask<T>({ url }: ServeProcess, path: string, body?: object): Promise<T> {
  const response = await fetch(`${url}/api/remote${path}`, {
    signal: AbortSignal.timeout(60_000),
    ...(body && {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    }),
  });
  return (await response.json()) as T;
}

const sessions = async (api: ServeProcess): Promise<Session[]> =>
  (await ask<{ sessions: Session[] }>(api, "/viewer/sessions")).sessions;

async function connect(api: ServeProcess): Promise<void> {
  const { detail } = await ask<{ detail?: { host_key: object } }>(api, "/connect", withKey());
  if (!detail) return;
  await ask(api, "/known-hosts/accept", detail.host_key);
  await ask(api, "/connect", withKey());
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const places = (all: readonly Session[]) =>
  all.map(({ sessionId, localPort }) => ({ sessionId, localPort })).sort((a, b) => a.localPort - b.localPort);

describe("serve, killed and restarted,", () => {
  it.each(moments)(
    "%i ms into a start, lists, serves and stops every viewer that it had",
    async (moment) => {
      const first = await startServe(home);
      await connect(first);
      const start = { ...withKey(), remote_root: host.root, conda_env: "train" };
      const { session } = await ask<{ session: Session }>(first, "/viewer/start", start);
      const second = ask<{ session: Session }>(first, "/viewer/start", start).catch(() => undefined);
      await Promise.race([delay(moment), second]);
      await first.end("SIGKILL");
      const had = [session, ...[(await second)?.session].flatMap((one) => one ?? [])];

      const again = await startServe(home);
      try {
        const before = await sessions(again);
        for (const { sessionId, localPort } of had)
          expect(before).toContainEqual(
            expect.objectContaining({ sessionId, localPort, status: "reconnecting" }),
          );
        await connect(again);
        const after = await sessions(again);
        const known = after.filter(({ sessionId }) => had.some((one) => one.sessionId === sessionId));
        expect(places(known)).toEqual(places(had));
        for (const { url, status, sessionId } of known) {
          expect({ status, answers: (await fetch(`${url}/api/health`)).status }).toEqual({
            status: "running",
            answers: 200,
          });
          expect(await ask(again, "/viewer/stop", { session_id: sessionId })).toMatchObject({ ok: true });
        }
        for (const { remotePid } of had) expect(isAlive(remotePid)).toBe(false);
      } finally {
        await again.end();
      }
    },
    90_000,
  );

  it("answers a connect when its viewers have reconnected, even while it reconnects to them by itself", async () => {
    // The key that is tried unasked.
    const ssh = join(home, ".ssh");
    await mkdir(ssh, { mode: 0o700 });
    await copyFile(server.identityFile, join(ssh, "id_ed25519"));
    try {
      for (const pause of kills > 2 ? [0, 50, 100, 200, 400] : [0, 100]) {
        const first = await startServe(home);
        await connect(first);
        const start = { ...withKey(), remote_root: host.root, conda_env: "train" };
        const { session } = await ask<{ session: Session }>(first, "/viewer/start", start);
        await first.end("SIGKILL");
        const again = await startServe(home);
        try {
          await delay(pause);
          await connect(again);
          expect((await sessions(again)).map(({ status }) => status)).toEqual(["running"]);
          await ask(again, "/viewer/stop", { session_id: session.sessionId });
        } finally {
          await again.end();
        }
      }
    } finally {
      await rm(ssh, { recursive: true });
    }
  }, 120_000);

  it.skipIf(alwaysTellsAccounts !== undefined)(
    "lets programs use its viewers as before if the system does not tell whose they are",
    async () => {
      const first = await startServeBehind(untold, home);
      await connect(first);
      const start = { ...withKey(), remote_root: host.root, conda_env: "train" };
      const { session } = await ask<{ session: Session }>(first, "/viewer/start", start);
      expect((await fetch(`${session.url}/api/health`)).status).toBe(200);
      await first.end("SIGKILL");

      const again = await startServeBehind(untold, home);
      try {
        // Its port is there before its host is: it is not what answers now, and yet lets the request pass.
        expect((await fetch(`${session.url}/api/health`)).status).toBe(503);
        await connect(again);
        expect((await fetch(`${session.url}/api/health`)).status).toBe(200);
        await ask(again, "/viewer/stop", { session_id: session.sessionId });
      } finally {
        await again.end();
      }
    },
    90_000,
  );
});
