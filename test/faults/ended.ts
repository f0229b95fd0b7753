import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { Cancelled, Failure } from "../../src/common/failure.js";
import type { Interaction } from "../../src/ssh/interaction.js";
import { createEnvironments } from "../../src/environments/environments.js";
import type { ViewerSession } from "../../src/viewer/session.js";
import { trusting } from "../support/client.js";
import { until } from "../support/until.js";
import type { Fault } from "./fault.js";
import { answers, endCleanly, remotePid, shortGrace, stateOf, untilBack, type World } from "./world.js";

/** Nobody is there any more: the lease must end the viewer. @returns milliseconds until nothing was left. */
async function untilNothingIsLeft(world: World): Promise<number> {
  const since = Date.now();
  await until("nothing is left on the host", async () => (await world.leftovers()).length === 0, 30_000);
  return Date.now() - since;
}

/** The way is cut in this phase: the person is told, nothing hangs, and nothing is left. */
function lostDuring(phase: string, act: (world: World, cut: () => void) => Promise<unknown>): Fault {
  return {
    name: `lost during ${phase}`,
    graceSeconds: shortGrace,
    run: async (world) => {
      try {
        await act(world, () => world.link.cut());
      } catch (error) {
        if (!(error instanceof Failure) && !(error instanceof Cancelled)) throw error;
      }
      for (const { id } of world.viewers.sessions) {
        await until("the session knows how it is", () => stateOf(world, { id } as never) !== "starting");
        await world.viewers.stop(id);
      }
      // What was asked for in the last moment may only begin now.
      await world.client.connections.closeAll();
      await until("the host has noticed", async () => (await world.sshd.sessions()).length === 0);
      return untilNothingIsLeft(world);
    },
  };
}

const cutting = (cut: () => void, question: keyof Interaction): Interaction => ({
  ...trusting,
  [question]: (_request: unknown, signal: AbortSignal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(new Cancelled()), { once: true });
      cut();
    }),
});

/** Kills the viewer, and answers on its port as Runicorn does, as another user of the host might. */
async function takePortOf(session: ViewerSession): Promise<Server> {
  process.kill(remotePid(session), "SIGKILL");
  const squatter = createServer((_request, response) => response.end('{"status":"ok"}'));
  await until("its port is taken", async () => {
    squatter.listen(remotePort(session), "127.0.0.1");
    return once(squatter, "listening").then(
      () => true,
      () => false,
    );
  });
  return squatter;
}

function remotePort({ state }: ViewerSession): number {
  return state.kind === "running" ? state.remote.port : 0;
}

export const endedFaults: readonly Fault[] = [
  {
    name: "viewer killed",
    run: async (world) => {
      const session = await world.start();
      process.kill(remotePid(session), "SIGKILL");
      await until("it is noticed", () => stateOf(world, session) === "failed");
      const since = Date.now();
      const again = await world.viewers.restart(session.id);
      if (remotePid(again) === remotePid(session)) throw new Error("it is the same process");
      const recovery = Date.now() - since;
      await endCleanly(world, again);
      return recovery;
    },
  },
  {
    name: "viewer killed, its remote port taken",
    run: async (world) => {
      const session = await world.start();
      const squatter = await takePortOf(session);
      try {
        await until("it is noticed", () => stateOf(world, session) === "failed");
        const since = Date.now();
        const again = await world.viewers.restart(session.id);
        const recovery = Date.now() - since;
        if (remotePort(again) === remotePort(session)) throw new Error("it claims a port of somebody else");
        if (!(await answers(again))) throw new Error("it does not answer");
        await endCleanly(world, again);
        return recovery;
      } finally {
        squatter.close();
      }
    },
  },
  {
    name: "left, viewer killed, its remote port taken, nothing adopted",
    run: async (world) => {
      const session = await world.start();
      await world.viewers.leave();
      const squatter = await takePortOf(session);
      try {
        await world.viewers.adopt(await world.connect());
        const state = stateOf(world, session);
        if (state === "running") throw new Error("it took a stranger for its viewer");
        if (state !== undefined) await world.viewers.stop(session.id);
        return await untilNothingIsLeft(world);
      } finally {
        squatter.close();
      }
    },
  },
  {
    name: "client killed",
    run: async (world) => {
      const { sshd, client, link } = world;
      await world.viewers.leave();
      const child = spawn(
        process.execPath,
        [
          ...["dist/headless.js", "open", `${sshd.user}@127.0.0.1:${link.port}`, "--env", "train", "--json"],
          ...[
            "--identity",
            sshd.identityFile,
            "--data",
            join(client.home, "other"),
            "--grace",
            String(shortGrace),
          ],
          ...["--accept-host-key", sshd.hostKey.fingerprint],
        ],
        { stdio: ["ignore", "pipe", "inherit"] },
      );
      await once(child.stdout, "data");
      child.kill("SIGKILL");
      await once(child, "exit");
      return untilNothingIsLeft(world);
    },
  },
  lostDuring("the key question", async (world, cut) => {
    await world.client.connections.closeAll();
    const { link, sshd } = world;
    const target = { host: "localhost", user: sshd.user, port: link.port };
    await world.client.connections.connect({ target }, cutting(cut, "confirmHostKey"));
  }),
  lostDuring("authentication", async (world, cut) => {
    await world.client.connections.closeAll();
    const target = { host: "127.0.0.1", user: world.sshd.user, port: world.link.port };
    const person = { ...trusting, passphrase: cutting(cut, "passphrase").passphrase };
    await world.client.connections.connect({ target }, person, {
      onProgress: (phase) => phase === "authenticating" && cut(),
    });
  }),
  lostDuring("the probe of environments", async (world, cut) => {
    const listing = createEnvironments().list(await world.connect());
    cut();
    await listing;
  }),
  lostDuring("launch", async (world, cut) => {
    const connection = await world.connect();
    const before = (await world.sshd.commands()).length;
    const starting = world.viewers.start(connection, {
      environment: world.environment,
      root: world.host.root,
    });
    starting.catch(() => undefined);
    await until("it is asked for", async () => (await world.sshd.commands()).length > before);
    cut();
    await starting;
  }),
  lostDuring("readiness", async (world, cut) => {
    const starting = world.start();
    starting.catch(() => undefined);
    await until("its process is there", async () =>
      (await world.processes()).some(({ commandLine }) => commandLine.includes("runicorn viewer")),
    );
    cut();
    await starting;
  }),
  lostDuring("the opening of the tunnel", async (world, cut) => {
    const request = { environment: world.environment, root: world.host.root };
    await world.viewers.start(await world.connect(), request, {
      onProgress: (phase) => phase === "opening-tunnel" && cut(),
    });
  }),
  lostDuring("stop", async (world, cut) => {
    const session = await world.start();
    const before = (await world.sshd.commands()).length;
    const stopping = world.viewers.stop(session.id);
    stopping.catch(() => undefined);
    await until("it is asked for", async () => (await world.sshd.commands()).length > before);
    cut();
    await stopping;
  }),
  {
    name: "stopped twice at once",
    run: async (world) => {
      const session = await world.start();
      await Promise.all([world.viewers.stop(session.id), world.viewers.stop(session.id)]);
      return untilNothingIsLeft(world);
    },
  },
  {
    name: "started twice at once",
    run: async (world) => {
      const [one, two] = await Promise.all([world.start(), world.start()]);
      if (remotePid(one) === remotePid(two)) throw new Error("they are one");
      await Promise.all([untilBack(world, one), untilBack(world, two)]);
      await world.viewers.stopAll();
      return untilNothingIsLeft(world);
    },
  },
  {
    name: "disconnected during start",
    run: async (world) => {
      const starting = world.start();
      starting.catch(() => undefined);
      await until("its process is there", async () =>
        (await world.processes()).some(({ commandLine }) => commandLine.includes("runicorn viewer")),
      );
      await world.viewers.stopAll();
      await world.client.connections.closeAll();
      return untilNothingIsLeft(world);
    },
  },
  {
    name: "cancelled at any moment",
    run: async (world) => {
      const stop = new AbortController();
      const request = { environment: world.environment, root: world.host.root };
      const starting = world.viewers.start(await world.connect(), request, { signal: stop.signal });
      const timer = setTimeout(() => stop.abort(), Math.random() * 2_500);
      const session = await starting.catch((error: unknown) => {
        if (!(error instanceof Cancelled)) throw error;
      });
      clearTimeout(timer);
      if (session) await world.viewers.stop(session.id);
      return untilNothingIsLeft(world);
    },
  },
];
