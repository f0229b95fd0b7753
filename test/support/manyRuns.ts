import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openCache } from "../../src/sync/cache/cache.js";

/** Values of each kind that a run has: two hundred with those of its metrics, of which a table shows four each. */
const parameters = 60;
const summaries = 40;
const environments = 16;
const metrics = 20;
/** Values of each metric. */
const steps = 10;

/** A copy of so many runs, as passes would have left it. @param folder a new one. */
export async function makeManyRuns(folder: string, runs: number): Promise<void> {
  const cache = await openCache(folder);
  await cache.whileWriting(async () => {
    for (let run = 0; run < runs; run += 1) {
      const path = `runs/group-${run % 20}/20260101_${String(run).padStart(6, "0")}_abcdef`;
      mkdirSync(join(folder, "files", path), { recursive: true });
      for (const [name, text] of Object.entries(filesOf(run))) {
        const file = join(folder, "files", path, name);
        writeFileSync(file, text);
        const info = statSync(file, { bigint: true });
        const stamp = {
          size: text.length,
          mtime: `1700000000.${String(run).padStart(9, "0")}`,
          ctime: "1700000000.000000000",
          inode: String(info.ino),
          mode: 0o644,
        };
        cache.manifest.set({
          path: `${path}/${name}`,
          kind: "file",
          seen: stamp,
          held: stamp,
          verified: true,
        });
      }
    }
    await cache.manifest.flush();
  });
}

function filesOf(run: number): Readonly<Record<string, string>> {
  const named = (count: number, name: string, value: (index: number) => unknown): Record<string, unknown> =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`${name}_${index}`, value(index)]));
  const config = named(parameters, "parameter", (index) =>
    index % 3 === 0 ? `word ${(run * index) % 7}` : run / (index + 1),
  );
  const events = Array.from({ length: steps }, (_, step) => {
    const data = {
      ...named(metrics, "train/loss", (index) => 1 / (step + index + 1) + run),
      global_step: step,
    };
    return `${JSON.stringify({ ts: step, type: "metrics", data })}\n`;
  });
  const best = { best_metric_name: "train/loss_0", best_metric_value: run, best_metric_mode: "min" };
  return {
    "meta.json": JSON.stringify({
      id: `run-${run}`,
      path: `group-${run % 20}`,
      created_at: 1_700_000_000 + run,
      hostname: "node7",
    }),
    "status.json": JSON.stringify({
      status: "finished",
      started_at: 1_700_000_000 + run,
      ended_at: 1_700_000_900 + run,
    }),
    "summary.json": JSON.stringify({ ...named(summaries - 3, "summary", (index) => run * index), ...best }),
    "assets.json": JSON.stringify({ config: { args: config } }),
    "environment.json": JSON.stringify(
      named(environments - 1, "machine", (index) => `text ${(run + index) % 50}`),
    ),
    "events.jsonl": events.join(""),
  };
}
