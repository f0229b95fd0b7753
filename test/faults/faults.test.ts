import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { endedFaults } from "./ended.js";
import type { Fault } from "./fault.js";
import { phaseFaults } from "./phases.js";
import { survivedFaults } from "./survived.js";
import { makeWorld, type World } from "./world.js";

/*
 * FAULT_ROUNDS: how often each fault happens (default 1; more than one is the long form, with the slow ones).
 * FAULT_SEED: the order of a run that is to be seen again.  FAULT_ONLY: part of a name.
 */
const rounds = Number(process.env["FAULT_ROUNDS"] ?? 1);
const seed = Number(process.env["FAULT_SEED"] ?? Math.floor(Math.random() * 1e9));
const only = process.env["FAULT_ONLY"] ?? "";

const wanted = [...survivedFaults, ...endedFaults, ...phaseFaults].filter(
  ({ slow, name }) => (rounds > 1 || !slow) && name.includes(only),
);
const isPossible = ({ possible }: Fault): boolean => possible?.() ?? true;
const faults = wanted.filter(isPossible);
for (const { name } of wanted.filter((fault) => !isPossible(fault)))
  console.log(`This machine cannot have the fault "${name}".`);

/** mulberry32: the same seed gives the same order. */
function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function inRandomOrder(all: readonly Fault[]): Fault[] {
  const random = randomFrom(seed);
  return all
    .flatMap((fault) => Array.from({ length: roundsOf(fault) }, () => ({ fault, place: random() })))
    .sort((a, b) => a.place - b.place)
    .map(({ fault }) => fault);
}

/** What only waits for a minute is not worth twenty of them. */
function roundsOf({ slow }: Fault): number {
  return slow ? Math.min(rounds, 5) : rounds;
}

interface Row {
  total: number;
  survived: number;
  readonly recoveries: number[];
  leftovers: number;
}

const rows = new Map<string, Row>();
const unhandled: unknown[] = [];
const hear = (error: unknown): void => void unhandled.push(error);

describe(`faults (order ${seed})`, () => {
  let world: World;
  let listenersBefore = 0;
  beforeAll(() => {
    process.on("unhandledRejection", hear);
  });
  afterEach(async () => {
    await world.dispose();
    expect(listeners()).toBe(listenersBefore);
  });
  afterAll(() => {
    process.off("unhandledRejection", hear);
    console.table(
      Object.fromEntries(
        [...rows].map(([name, { total, survived, recoveries, leftovers }]) => [
          name,
          { survived: `${survived}/${total}`, "recovery, median ms": median(recoveries), leftovers },
        ]),
      ),
    );
    expect(unhandled).toEqual([]);
  });

  it.each(inRandomOrder(faults).map((fault, index) => [`${index + 1}. ${fault.name}`, fault] as const))(
    "%s",
    async (_name, fault) => {
      listenersBefore = listeners();
      world = await makeWorld(fault);
      const row = rows.get(fault.name) ?? { total: 0, survived: 0, recoveries: [], leftovers: 0 };
      rows.set(fault.name, row);
      row.total += 1;
      try {
        row.recoveries.push(await fault.run(world));
        row.survived += 1;
      } finally {
        row.leftovers += (await world.leftovers()).length;
      }
      expect(row.leftovers).toBe(0);
    },
    120_000,
  );
});

/** Ports that this process listens on. */
function listeners(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "TCPServerWrap").length;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
