import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Cancelled, Failure } from "../../src/common/failure.js";
import { pause } from "../../src/common/async/pause.js";
import type { ViewerSession } from "../../src/viewer/session/session.js";
import { answers, endCleanly, makeWorld, stateOf, untilNothingIsLeft, type World } from "./world.js";
import { until } from "../support/until.js";

/** FAULT_ROUNDS above 1: the long form, with every pair and fifty of each at random moments, while two processors are busy. */
const isLong = Number(process.env["FAULT_ROUNDS"] ?? 1) > 1;
const busy: ChildProcess[] = [];
beforeAll(() => {
  const load = ["-n", "19", "sh", "-c", "while :; do :; done"];
  if (isLong) busy.push(...[1, 2].map(() => spawn("nice", load)));
});
afterAll(() => busy.forEach((one) => one.kill()));
const randomRounds = isLong ? Number(process.env["VERB_ROUNDS"] ?? 50) : 1;
/** Milliseconds within which a random moment lies: a viewer takes about a second to start. */
const spread = 1_500;

interface Pressed {
  /** Settles when the verb is through, whatever became of it. */
  readonly through: Promise<unknown>;
}

type Verb = (world: World, session: ViewerSession) => Pressed;

/** Whatever a person may press again before the last one is through. A failure that says so is an answer. */
const settled = (work: Promise<unknown>): Pressed => ({
  through: work.catch((error: unknown) => {
    if (!(error instanceof Failure) && !(error instanceof Cancelled)) throw error;
  }),
});

const verbs: Readonly<Record<string, Verb>> = {
  stop: ({ viewers }, { id }) => settled(viewers.stop(id)),
  restart: ({ viewers }, { id }) => settled(viewers.restart(id)),
  keep: ({ viewers }, { id }) => settled(viewers.keep(id)),
  "restart that is cancelled": ({ viewers }, { id }) => {
    const cancel = new AbortController();
    const restarting = viewers.restart(id, { signal: cancel.signal });
    cancel.abort();
    return settled(restarting);
  },
};

/** What the window says is what the host has: a viewer that runs answers, and one that does not has left nothing. */
async function expectTruth(world: World, session: ViewerSession): Promise<void> {
  const state = stateOf(world, session);
  if (state === "running") {
    const now = world.viewers.get(session.id) ?? session;
    await until("it answers", () => answers(now));
    expect(await viewersOnHost(world)).toBe(1);
    await endCleanly(world, now);
  } else if (state !== undefined) await world.viewers.stop(session.id);
  await untilNothingIsLeft(world);
  expect(world.viewers.sessions).toEqual([]);
}

/** Processes that serve a page. */
async function viewersOnHost(world: World): Promise<number> {
  const all = await world.processes();
  return all.filter(
    ({ commandLine }) => /runicorn viewer/.test(commandLine) && !/supervisor/.test(commandLine),
  ).length;
}

const pairs = Object.keys(verbs).flatMap((first) =>
  Object.keys(verbs).map((second) => [first, second] as const),
);
const verbNamed = (name: string): Verb => verbs[name] ?? (() => settled(Promise.resolve()));

/** Three seconds before a viewer answers, as on a slow disk. */
async function slowPython(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "slow-python-"));
  const lines = ["import sys, time", 'if "viewer" in sys.orig_argv:', "    time.sleep(3)"];
  await writeFile(join(folder, "sitecustomize.py"), `${lines.join("\n")}\n`);
  return folder;
}

describe.each([
  ["a viewer", false],
  ["a viewer that answers after three seconds", true],
])("two verbs on %s", (_name, isSlow) => {
  let world: World;
  let folder: string;
  beforeAll(async () => {
    folder = await slowPython();
    const environment: Record<string, string> = isSlow ? { PYTHONPATH: folder } : {};
    const hostEnvironment = (): Promise<Record<string, string>> => Promise.resolve(environment);
    world = await makeWorld({ name: "verbs", hostEnvironment, run: () => Promise.resolve(0) });
  });
  afterAll(async () => {
    await world.dispose();
    await rm(folder, { recursive: true });
  });
  const isBrief = ([first, second]: readonly [string, string]): boolean =>
    isSlow ? first === "restart" && second === "stop" : first !== "keep" && second !== "keep";
  const wanted = isLong ? pairs : pairs.filter(isBrief);

  /** Milliseconds between them. */
  const gaps = [0, 30];
  const cases = wanted.flatMap(([first, second], index) =>
    gaps
      .filter((_, turn) => isLong || turn === index % gaps.length)
      .map((gap) => [first, second, gap] as const),
  );
  it.each(cases)(
    "%s and %s, %i ms apart, leave what the window says",
    async (first, second, gap) => {
      const session = await world.start();
      const one = verbNamed(first)(world, session);
      if (gap > 0) await pause(gap);
      const other = verbNamed(second)(world, session);
      await Promise.all([one.through, other.through]);
      await expectTruth(world, session);
    },
    120_000,
  );
});

describe(`verbs at ${randomRounds} random moments each`, () => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld({ name: "verbs", run: () => Promise.resolve(0) });
  });
  afterAll(() => world.dispose());
  const moments = (): number[] => Array.from({ length: randomRounds }, () => Math.random() * spread);

  it.each(moments())(
    "a start that is cancelled after %d ms leaves nothing",
    async (milliseconds) => {
      const connection = await world.connect();
      const cancel = new AbortController();
      const request = { environment: world.environment, root: world.host.root };
      const starting = world.viewers.start(connection, request, { signal: cancel.signal });
      const outcome = starting.then(
        (session) => session,
        (error: unknown) => error,
      );
      await pause(milliseconds);
      cancel.abort();
      const ended = await outcome;
      if (!(ended instanceof Cancelled)) await world.viewers.stopAll();
      await untilNothingIsLeft(world);
      expect(world.viewers.sessions).toEqual([]);
    },
    60_000,
  );

  it.each(Object.keys(verbs).flatMap((name) => moments().map((at) => [name, at] as const)))(
    "%s, %d ms into a restart, leaves what the window says",
    async (name, milliseconds) => {
      const session = await world.start();
      const restarting = verbNamed("restart")(world, session);
      await pause(milliseconds);
      const other = verbNamed(name)(world, session);
      await Promise.all([restarting.through, other.through]);
      await expectTruth(world, session);
    },
    60_000,
  );
});
