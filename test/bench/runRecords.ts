// What it costs to know 10,000 runs of 200 values each:
//   npm run bench:records
// RECORDS_RUNS (default 10,000), RECORDS_TURNS (default 5). Each cold start is a program of its own.
import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeManyRuns } from "../support/manyRuns.js";
import { createRecordsRig, type RecordsRig } from "../support/recordsRig.js";
import { median } from "./figures.js";

const runs = Number(process.env["RECORDS_RUNS"] ?? 10_000);
const turns = Number(process.env["RECORDS_TURNS"] ?? 5);
const [, program = "", ...rest] = process.argv;
const coldFlag = "--cold";

/** Milliseconds. */
async function timed<T>(work: () => Promise<T>): Promise<{ readonly took: number; readonly result: T }> {
  const began = performance.now();
  const result = await work();
  return { took: performance.now() - began, result };
}

/** Milliseconds of processor time that this program has taken. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Opens the copy, and waits until all is known. */
async function openAll(folder: string): Promise<{
  readonly rig: RecordsRig;
  readonly first: number;
  readonly all: number;
  readonly longest: number;
  /** The longest turn again, in processor time: on a busy machine it waits too. */
  readonly longestWork: number;
}> {
  const began = performance.now();
  let [last, longest] = [began, 0];
  let [lastWork, longestWork] = [processorTime(), 0];
  const watching = setInterval(() => {
    const [now, work] = [performance.now(), processorTime()];
    [longest, last] = [Math.max(longest, now - last), now];
    [longestWork, lastWork] = [Math.max(longestWork, work - lastWork), work];
  }, 1);
  const rig = await createRecordsRig(folder);
  let table = await rig.records.table();
  const first = performance.now() - began;
  while (table.unread > 0) table = await rig.records.table();
  clearInterval(watching);
  if (table.count !== runs) throw new Error(`${table.count} runs`);
  return { rig, first, all: performance.now() - began, longest, longestWork };
}

async function cold(folder: string): Promise<void> {
  const before = processorTime();
  const { first, all, longest, longestWork } = await openAll(folder);
  const processor = processorTime() - before;
  const memory = process.memoryUsage().rss;
  console.log(JSON.stringify({ first, all, longest, longestWork, processor, memory }));
  process.exit(0);
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "many-runs-"));
  try {
    await makeManyRuns(folder, runs);
    const { rig, first, all, longest } = await openAll(folder);
    const table = await rig.records.table();
    console.log(`runs: ${runs}, columns: ${table.columns.size}`);
    console.log(
      `never opened before: first table ${first.toFixed()} ms, all values ${all.toFixed()} ms, longest turn ${longest.toFixed()} ms`,
    );
    const changes: number[] = [];
    const path = `runs/group-0/20260101_000000_abcdef`;
    for (let turn = 0; turn < 4 * turns; turn += 1) {
      await rig.append(
        `${path}/events.jsonl`,
        `${JSON.stringify({ type: "metrics", data: { "train/loss_0": turn } })}\n`,
      );
      const before = processorTime();
      const { took } = await timed(() => rig.records.table());
      changes.push(processorTime() - before);
      if (turn === 0) console.log(`one run changed, first: ${took.toFixed()} ms`);
    }
    console.log(
      `one run changed: ${median(changes).toFixed()} ms of a processor (median of ${changes.length}, highest ${Math.max(...changes).toFixed()})`,
    );
    const sorting = await timed(() => {
      const column = table.columns.get("metric.train/loss_3.last");
      const values = Float64Array.from({ length: table.count }, (_, row) => Number(column?.at(row)));
      values.sort();
      return Promise.resolve(values);
    });
    console.log(`one column read and sorted: ${sorting.took.toFixed(1)} ms`);
    await rig.records.close();
    const starts = Array.from({ length: turns }, () => {
      const output = execFileSync(process.execPath, ["test/support/run-ts.mjs", program, coldFlag, folder], {
        env: { ...process.env, RECORDS_RUNS: String(runs) },
      });
      return JSON.parse(output.toString()) as Record<
        "first" | "all" | "longest" | "longestWork" | "processor" | "memory",
        number
      >;
    });
    const told = {
      first: "first table",
      all: "all values",
      processor: "processor time of all of it",
      longest: "longest turn",
      longestWork: "processor time of the longest turn",
    } as const;
    for (const name of ["first", "all", "processor", "longest", "longestWork"] as const) {
      console.log(
        `cold start, ${told[name]}: ${median(starts.map((one) => one[name])).toFixed()} ms (${starts.map((one) => one[name].toFixed()).join(", ")})`,
      );
    }
    console.log(
      `memory of that program: ${(median(starts.map(({ memory }) => memory)) / 2 ** 20).toFixed()} MiB`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

await (rest[0] === coldFlag ? cold(rest[1] ?? "") : main());
