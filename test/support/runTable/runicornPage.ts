import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeEnvironment } from "../runicorn/environments.js";
import { runicornVersions } from "../runicorn/install.js";
import { startOrdinaryViewer } from "../runicorn/ordinaryViewer.js";
import { until } from "../until.js";

/** Runicorn's own page of so many runs, by its newest version. */
export interface RunicornPage {
  readonly url: string;
  readonly version: string;
  dispose(): Promise<void>;
}

/** Milliseconds for the viewer to have read all runs: it reads them one by one. */
const patience = 600_000;

/** Makes the runs as its SDK leaves them, and resolves when the viewer tells of all of them. */
export async function openRunicornPage(runs: number): Promise<RunicornPage> {
  const folder = await mkdtemp(join(tmpdir(), "runicorn-page-"));
  const [environment, root] = [join(folder, "venv"), join(folder, "root")];
  const version = runicornVersions.newest;
  await makeEnvironment(environment, version);
  for (let run = 0; run < runs; run += 1) await writeRun(root, run);
  const viewer = await startOrdinaryViewer(environment, root, folder);
  await until("the viewer knows all runs", async () => (await countOf(viewer.url)) === runs, patience);
  return {
    url: viewer.url,
    version,
    dispose: async () => {
      await viewer.end();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function countOf(url: string): Promise<number> {
  const answer = (await (await fetch(`${url}/api/runs?page=1&page_size=1`)).json()) as
    { total?: number } | unknown[];
  return Array.isArray(answer) ? answer.length : (answer.total ?? 0);
}

async function writeRun(root: string, run: number): Promise<void> {
  const id = `20260101_${String(run).padStart(6, "0")}_${(0xa00000 + run).toString(16)}`;
  const path = `sweep/lr-${run % 7}`;
  const folder = join(root, "runs", path, id);
  await mkdir(folder, { recursive: true });
  const at = Date.UTC(2026, 0, 1) / 1000 + run;
  const files = {
    meta: { id, path, alias: `trial-${run}`, created_at: at, hostname: "gpu-a100", pid: 1 },
    status: { status: "finished", started_at: at, ended_at: at + 90 },
    summary: { best_metric_name: "val_loss", best_metric_value: run / 7, best_metric_mode: "min" },
  };
  for (const [name, value] of Object.entries(files))
    await writeFile(join(folder, `${name}.json`), JSON.stringify(value));
}
