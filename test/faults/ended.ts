import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { Cancelled } from "../../src/common/failure.js";
import { runScript } from "../../src/ssh/channel/script.js";
import type { ViewerAddress, ViewerSession } from "../../src/viewer/session/session.js";
import { openLogPage } from "../support/viewer/logPage.js";
import { kill } from "../support/processes.js";
import { canShiftClocks, makeShiftedClock, type ShiftedClock } from "../support/shiftedClock.js";
import { until } from "../support/until.js";
import type { Fault } from "./fault.js";
import {
  answers,
  endCleanly,
  outage,
  remotePid,
  shortGrace,
  stateOf,
  untilBack,
  untilNothingIsLeft,
  type World,
} from "./world.js";

/** Kills the viewer, and answers at its address as Runicorn does, as another program on the host might. */
async function takeAddressOf(session: ViewerSession): Promise<Server> {
  // A supervisor holds the address of a viewer that has ended.
  if (session.state.kind === "running") await kill(session.state.remote.supervisor.pid);
  await kill(remotePid(session));
  const squatter = createServer((_request, response) => response.end('{"status":"ok"}'));
  const { socket, port } = { socket: undefined, port: undefined, ...addressOf(session) };
  await until("its address is taken", async () => {
    if (socket !== undefined) await rm(socket, { force: true });
    squatter.listen(socket === undefined ? { port, host: "127.0.0.1" } : { path: socket });
    return once(squatter, "listening").then(
      () => true,
      () => false,
    );
  });
  return squatter;
}

function addressOf({ state }: ViewerSession): ViewerAddress {
  if (state.kind !== "running") throw new Error(`it is ${state.kind}`);
  return state.remote.address;
}

/** The wall clock of everything on the host jumps while a viewer and its client are there, and again when nobody is. */
function clockJumps(): Fault {
  const day = 86_400;
  let clock: ShiftedClock;
  return {
    name: "the clock of the host jumps by a day, forth and back, with a client and without",
    graceSeconds: shortGrace,
    possible: canShiftClocks,
    hostEnvironment: async () => (clock = await makeShiftedClock()).environment,
    run: async (world) => {
      try {
        const session = await world.start();
        const ours = (await world.processes()).filter(({ commandLine }) =>
          /supervisor|viewer/.test(commandLine),
        );
        const seen = await Promise.all(ours.map(({ pid }) => clock.isSeenBy(pid)));
        if (seen.filter(Boolean).length !== 2) throw new Error("not both have that clock");
        for (const seconds of [day, -day]) {
          clock.shift(seconds);
          const off = (await timeThere(world)) - Date.now() / 1000 - seconds;
          if (Math.abs(off) > 60) throw new Error("the clock did not jump");
          await outage(shortGrace + 1);
          if (stateOf(world, session) !== "running") throw new Error("the session did not stay");
          if (!(await answers(session))) throw new Error("it does not answer");
        }
        await world.viewers.leave();
        clock.shift(day);
        const elapsed = await untilNothingIsLeft(world);
        if (elapsed < (shortGrace * 1000) / 2) throw new Error("it ended before its grace was over");
        return elapsed;
      } finally {
        await clock.dispose();
      }
    },
  };
}

/** Seconds since the epoch, as a command on the host says. */
async function timeThere(world: World): Promise<number> {
  const { output } = await runScript(await world.connect(), "main() { date +%s; }", []);
  return Number(output);
}

export const endedFaults: readonly Fault[] = [
  clockJumps(),
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
    name: "viewer and supervisor killed, its remote address taken",
    run: async (world) => {
      const session = await world.start();
      const squatter = await takeAddressOf(session);
      try {
        await until("it is noticed", () => stateOf(world, session) === "failed");
        const since = Date.now();
        const again = await world.viewers.restart(session.id);
        const recovery = Date.now() - since;
        if (isDeepStrictEqual(addressOf(again), addressOf(session)))
          throw new Error("it claims an address of somebody else");
        if (!(await answers(again))) throw new Error("it does not answer");
        await endCleanly(world, again);
        return recovery;
      } finally {
        squatter.close();
      }
    },
  },
  {
    name: "left, viewer and supervisor killed, its remote address taken, nothing adopted",
    run: async (world) => {
      const session = await world.start();
      await world.viewers.leave();
      const squatter = await takeAddressOf(session);
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
  {
    name: "stopped while a page follows a log",
    run: async (world) => {
      const session = await world.start();
      const socket = await openLogPage(session);
      await endCleanly(world, session);
      socket.destroy();
      return 0;
    },
  },
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
