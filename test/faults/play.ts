import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Fault } from "./fault.js";
import { makeWorld, type World } from "./world.js";

/*
 * FAULT_ROUNDS: how often each fault happens (default 1; more than one is the long form, with the slow ones).
 * FAULT_SEED: the order of a run that is to be seen again.  FAULT_ONLY: a name, or part of one.
 * FAULT_PARTS, FAULT_PART: rounds are dealt out to that many programs, and which of them this is (vitest.config.mts).
 */
const rounds = Number(process.env["FAULT_ROUNDS"] ?? 1);
const parts = Number(process.env["FAULT_PARTS"] ?? 1);
const part = Number(process.env["FAULT_PART"] ?? 0);
const seed = Number(process.env["FAULT_SEED"] ?? Math.floor(Math.random() * 1e9));
const only = process.env["FAULT_ONLY"] ?? "";

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
    .flatMap((fault) => Array.from({ length: roundsHere(fault) }, () => ({ fault, place: random() })))
    .sort((a, b) => a.place - b.place)
    .map(({ fault }) => fault);
}

/** Those of this part. What only waits for a minute is not worth twenty of them. */
function roundsHere({ slow = false }: Fault): number {
  return shareOfRounds(slow);
}

/** How many rounds of a fault are to be in this part. @param slow whether it only waits for a minute. */
export function shareOfRounds(slow: boolean): number {
  const all = slow ? Math.min(rounds, 5) : rounds;
  return Math.floor((all + parts - 1 - part) / parts);
}

/** What is to happen here of these faults; names what this machine cannot have. */
function chosen(all: readonly Fault[]): Fault[] {
  const isWanted = ({ slow, name }: Fault): boolean => (rounds > 1 || !slow) && name.includes(only);
  const wanted = all.filter(isWanted);
  const isPossible = ({ possible }: Fault): boolean => possible?.() ?? true;
  for (const { name } of wanted.filter((fault) => !isPossible(fault)))
    console.log(`This machine cannot have the fault "${name}".`);
  return wanted.filter(isPossible);
}

interface Row {
  total: number;
  survived: number;
  readonly recoveries: number[];
  leftovers: number;
}

/** Lets each of these faults happen, in worlds of their own, as often as is to be here. */
export function play(faults: readonly Fault[]): void {
  const rows = new Map<string, Row>();
  const unhandled: unknown[] = [];
  const hear = (error: unknown): void => void unhandled.push(error);
  const order = inRandomOrder(chosen(faults));

  describe.skipIf(order.length === 0)(`faults (order ${seed})`, () => {
    let world: World | undefined;
    let listenersBefore = 0;
    beforeAll(() => {
      process.on("unhandledRejection", hear);
    });
    afterEach(async () => {
      await world?.dispose();
      world = undefined;
      expect(listeners()).toBe(listenersBefore);
    });
    afterAll(() => {
      process.off("unhandledRejection", hear);
      console.table(tableOf(rows));
      expect(unhandled).toEqual([]);
    });

    it.for(order.map((fault, index) => [`${index + 1}. ${fault.name}`, fault] as const))(
      "%s",
      { timeout: 120_000 },
      async ([, fault]) => {
        listenersBefore = listeners();
        world = await makeWorld(fault);
        const row = rows.get(fault.name) ?? { total: 0, survived: 0, recoveries: [], leftovers: 0 };
        rows.set(fault.name, row);
        row.total += 1;
        let left: readonly string[];
        try {
          row.recoveries.push(await fault.run(world));
          row.survived += 1;
        } finally {
          left = await world.leftovers();
          row.leftovers += left.length;
        }
        expect(left).toEqual([]);
      },
    );
  });
}

function tableOf(rows: ReadonlyMap<string, Row>): Record<string, unknown> {
  return Object.fromEntries(
    [...rows].map(([name, { total, survived, recoveries, leftovers }]) => [
      name,
      { survived: `${survived}/${total}`, "recovery, median ms": median(recoveries), leftovers },
    ]),
  );
}

/** Ports that this process listens on. */
function listeners(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "TCPServerWrap").length;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
