import { Cancelled, Failure } from "../../src/common/failure.js";
import { createEnvironments } from "../../src/environments/environments.js";
import type { Interaction } from "../../src/ssh/model/interaction.js";
import { trusting } from "../support/client.js";
import { until } from "../support/until.js";
import type { Fault } from "./fault.js";
import { shortGrace, stateOf, untilNothingIsLeft, type World } from "./world.js";

/** A moment between nothing and a viewer. */
interface Phase {
  readonly name: string;
  /** Goes there, lets it `strike`, and goes on for as long as it can. */
  reach(world: World, strike: () => void, signal?: AbortSignal): Promise<unknown>;
}

/** A person who lets it strike when the key is asked about, and never answers. */
const striking = (strike: () => void): Interaction => ({
  ...trusting,
  confirmHostKey: (_question, signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(new Cancelled()), { once: true });
      strike();
    }),
});

/** Starts a viewer, and lets it strike once `isReached` is true. */
async function startUntil(
  world: World,
  strike: () => void,
  isReached: () => Promise<boolean>,
  signal?: AbortSignal,
): Promise<unknown> {
  const request = { environment: world.environment, root: world.host.root };
  const starting = world.viewers.start(await world.connect(), request, { signal });
  starting.catch(() => undefined);
  await until("it is reached", isReached);
  strike();
  return starting;
}

const phases: readonly Phase[] = [
  {
    name: "the key question",
    reach: async ({ client, link, sshd }, strike, signal) => {
      await client.connections.closeAll();
      const target = { host: "localhost", user: sshd.user, port: link.port };
      return client.connections.connect({ target }, striking(strike), { signal });
    },
  },
  {
    name: "authentication",
    reach: async ({ client, link, sshd }, strike, signal) => {
      await client.connections.closeAll();
      const target = { host: "127.0.0.1", user: sshd.user, port: link.port };
      const onProgress = (phase: string): void => void (phase === "authenticating" && strike());
      return client.connections.connect({ target }, trusting, { signal, onProgress });
    },
  },
  {
    name: "the probe of environments",
    reach: async (world, strike, signal) => {
      const listing = createEnvironments().list(await world.connect(), signal && { signal });
      strike();
      return listing;
    },
  },
  {
    name: "launch",
    reach: async (world, strike, signal) => {
      const before = (await world.sshd.commands()).length;
      return startUntil(world, strike, async () => (await world.sshd.commands()).length > before, signal);
    },
  },
  {
    name: "readiness",
    reach: (world, strike, signal) =>
      startUntil(
        world,
        strike,
        async () =>
          (await world.processes()).some(({ commandLine }) => commandLine.includes("runicorn viewer")),
        signal,
      ),
  },
  {
    name: "the opening of the tunnel",
    reach: async (world, strike, signal) => {
      const request = { environment: world.environment, root: world.host.root };
      return world.viewers.start(await world.connect(), request, {
        signal,
        onProgress: (phase) => phase === "opening-tunnel" && strike(),
      });
    },
  },
];

const stop: Phase = {
  name: "stop",
  reach: async (world, strike) => {
    const session = await world.start();
    // Whoever runs in the held shell is a child of it that looks the same.
    const shells = async (): Promise<number> =>
      (await world.processes()).filter(({ commandLine }) => commandLine === "/bin/sh -s").length;
    let isOver = false;
    const stopping = world.viewers.stop(session.id).finally(() => (isOver = true));
    stopping.catch(() => undefined);
    await until("it is asked for", async () => isOver || (await shells()) > 1);
    strike();
    return stopping;
  },
};

/** What was asked for in the last moment may only begin now: waits until the host knows that nobody is there. */
async function untilNothingBegins(world: World): Promise<void> {
  await world.client.connections.closeAll();
  await until("the host has noticed", async () => (await world.sshd.sessions()).length === 0);
}

/** The way is cut in this phase: the person is told, nothing hangs, and the lease ends what is left. */
function lostDuring({ name, reach }: Phase): Fault {
  return {
    name: `lost during ${name}`,
    graceSeconds: shortGrace,
    run: async (world) => {
      try {
        await reach(world, () => world.link.cut());
      } catch (error) {
        if (!(error instanceof Failure) && !(error instanceof Cancelled)) throw error;
      }
      for (const { id } of world.viewers.sessions) {
        await until("the session knows how it is", () => stateOf(world, { id } as never) !== "starting");
        await world.viewers.stop(id);
      }
      await untilNothingBegins(world);
      return untilNothingIsLeft(world);
    },
  };
}

/** A person gives up in this phase: that is all that is said, and nothing is left, long before a lease ends it. */
function cancelledDuring({ name, reach }: Phase): Fault {
  return {
    name: `cancelled during ${name}`,
    run: async (world) => {
      const cancel = new AbortController();
      const outcome = await reach(world, () => cancel.abort(), cancel.signal).catch(
        (error: unknown) => error,
      );
      if (!(outcome instanceof Cancelled)) throw new Error(`it was not cancelled: ${String(outcome)}`);
      if (world.viewers.sessions.length > 0) throw new Error("a session is there");
      const elapsed = await untilNothingIsLeft(world);
      await untilNothingBegins(world);
      await untilNothingIsLeft(world);
      return elapsed;
    },
  };
}

export const lostFaults: readonly Fault[] = [...phases, stop].map(lostDuring);

export const cancelledFaults: readonly Fault[] = phases.map(cancelledDuring);
