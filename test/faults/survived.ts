import { execFileSync } from "node:child_process";
import { rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { once } from "node:events";
import { kill, processesNaming } from "../support/processes.js";
import type { ViewerSession } from "../../src/viewer/session/session.js";
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
  untilLeaseIsRenewed,
  untilNoticed,
  type World,
} from "./world.js";
import { mountDisk, unmount } from "../support/files/mount.js";

/** Something happens to the way, then it is as it was: the same viewer must be back on the same port. */
function comesBack(
  name: string,
  hurt: (world: World, session: ViewerSession) => Promise<void> | void,
  heal: (world: World) => Promise<void> | void,
  slow = false,
): Fault {
  return {
    name,
    slow,
    run: async (world) => {
      const session = await world.start();
      await hurt(world, session);
      await until("it is noticed", () => stateOf(world, session) === "reconnecting", 60_000);
      await heal(world);
      return endsWhenBack(world, session);
    },
  };
}

/** The same viewer is back on the same port, and ends. @returns the milliseconds until then. */
async function endsWhenBack(world: World, session: ViewerSession): Promise<number> {
  const recovery = await untilBack(world, session);
  await endCleanly(world, session);
  return recovery;
}

/** The same, where it must be noticed that the way was cut. */
async function survives(world: World, session: ViewerSession, cut: () => unknown): Promise<number> {
  const noticed = untilNoticed(world, session);
  await cut();
  await noticed;
  return endsWhenBack(world, session);
}

const restartedAfter = (seconds: number, slow: boolean): Fault =>
  comesBack(
    `sshd restarted after ${seconds} s`,
    async (world, session) => {
      if (seconds > 30) await untilLeaseIsRenewed(world, session);
      const { sshd, link } = world;
      link.refuse();
      await sshd.halt();
      await outage(seconds);
    },
    async ({ sshd, link }) => {
      await sshd.resume();
      await link.accept();
    },
    slow,
  );

/** Something happens to the way. */
export const linkFaults: readonly Fault[] = [
  {
    name: "connection killed at the server",
    run: async (world) => {
      const session = await world.start();
      return survives(world, session, () => world.sshd.cutConnections());
    },
  },
  restartedAfter(1, false),
  restartedAfter(10, true),
  restartedAfter(60, true),
  comesBack(
    "black hole",
    ({ link }) => link.blackHole(),
    ({ link }) => link.heal(),
  ),
  comesBack(
    "half-open connection",
    ({ link }) => link.halfOpen(),
    ({ link }) => link.heal(),
  ),
  {
    name: "half of the packets 2 s late",
    run: async (world) => {
      const session = await world.start();
      world.link.delay(2_000);
      for (let round = 0; round < 3; round += 1) await answers(session);
      world.link.delay(0);
      return endsWhenBack(world, session);
    },
  },
  {
    name: "OpenSSH child killed",
    run: async (world) => {
      const session = await world.start();
      await until("ssh carries the tunnel", () => world.viewers.backendOf(session.id) === "openssh");
      const children = await processesNaming(`/runicorn-${process.pid}-`);
      return survives(world, session, () => {
        for (const { pid } of children) process.kill(pid, "SIGKILL");
      });
    },
  },
];

/** Something on the host, or the client itself, is hurt: the same viewer goes on. */
export const hostFaults: readonly Fault[] = [
  {
    name: "supervisor killed",
    graceSeconds: shortGrace,
    run: async (world) => {
      const session = await world.start();
      const before = await supervisors(world);
      for (const pid of before) process.kill(pid, "SIGKILL");
      const since = Date.now();
      await until("another one holds the viewer", async () => {
        const now = await supervisors(world);
        return now.length === 1 && !before.includes(now[0] ?? 0);
      });
      const recovery = Date.now() - since;
      await outage(shortGrace + 1);
      await untilBack(world, session);
      await endCleanly(world, session);
      return recovery;
    },
  },
  {
    name: "remote shell killed",
    graceSeconds: shortGrace,
    run: async (world) => {
      const session = await world.start();
      await until("the leases are renewed", async () => (await shells(world)).length > 0);
      await Promise.all((await shells(world)).map(kill));
      await outage(shortGrace + 1);
      await untilBack(world, session);
      await endCleanly(world, session);
      return 0;
    },
  },
  {
    name: "storage root removed while it runs",
    graceSeconds: shortGrace,
    run: async (world) => {
      const session = await world.start();
      await rm(world.host.root, { recursive: true });
      await outage(shortGrace + 1);
      if (stateOf(world, session) !== "running") throw new Error("the session did not stay");
      await endCleanly(world, session);
      execFileSync("mkdir", ["-p", world.host.root]);
      return 0;
    },
  },
  {
    name: "left, local port taken, adopted",
    run: async (world) => {
      const session = await world.start();
      const port = session.state.kind === "running" ? session.state.localPort : 0;
      await world.viewers.leave();
      const squatter = createServer().listen(port, "127.0.0.1");
      await once(squatter, "listening");
      const since = Date.now();
      await world.viewers.adopt(await world.connect());
      const adopted = world.viewers.get(session.id);
      if (!adopted || !(await answers(adopted))) throw new Error("it was not adopted");
      if (remotePid(adopted) !== remotePid(session)) throw new Error("it is another process");
      const recovery = Date.now() - since;
      squatter.close();
      await endCleanly(world, adopted);
      return recovery;
    },
  },
  {
    name: "the clock here jumps by a day, forth and back",
    graceSeconds: shortGrace,
    run: async (world) => {
      const day = 86_400;
      const session = await world.start();
      const rightNow = Date.now.bind(Date);
      try {
        for (const seconds of [day, -day]) {
          Date.now = () => rightNow() + seconds * 1000;
          await outage(shortGrace + 1);
          if (stateOf(world, session) !== "running") throw new Error("the session did not stay");
        }
      } finally {
        Date.now = rightNow;
      }
      return survives(world, session, () => world.sshd.cutConnections());
    },
  },
  {
    name: "disk full, then read-only, on the host",
    graceSeconds: 2 * shortGrace,
    run: async (world) => {
      const disk = join(world.host.home, ".cache");
      execFileSync("mkdir", ["-p", disk]);
      mountDisk("size=4m", disk);
      try {
        const session = await world.start();
        try {
          execFileSync("dd", ["if=/dev/zero", `of=${join(disk, "full")}`, "bs=64k"], { stdio: "ignore" });
        } catch {
          // That is the point.
        }
        await outage(2 * shortGrace + 1);
        await untilBack(world, session);
        // Files that are open stay writable, as they are: what is looked up anew is not.
        execFileSync("mount", ["--bind", disk, disk]);
        execFileSync("mount", ["-o", "remount,bind,ro", disk]);
        const noticed = untilNoticed(world, session);
        await world.sshd.cutConnections();
        await noticed;
        const recovery = await untilBack(world, session);
        await unmount(disk);
        await endCleanly(world, session);
        return recovery;
      } finally {
        execFileSync("umount", ["-l", disk]);
      }
    },
    possible: () => process.getuid?.() === 0,
  },
];

async function supervisors(world: World): Promise<number[]> {
  const all = await world.processes();
  return all.filter(({ commandLine }) => commandLine.includes("supervisor.py")).map(({ pid }) => pid);
}

async function shells(world: World): Promise<number[]> {
  const all = await world.processes();
  return all.filter(({ commandLine }) => commandLine === "/bin/sh -s").map(({ pid }) => pid);
}
