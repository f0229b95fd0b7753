import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { makeBrokenEnvironment, makeConda, makeEnvironment } from "./environments.js";
import { configureRoot } from "./hostHome.js";
import { runicornVersions } from "./install.js";
import { sampleRuns } from "./sampleRuns.js";

/** What the demo shows: a GPU server of somebody who has been at it for a while. */
export interface DemoHost {
  /** The home folder on that server. */
  readonly home: string;
  /** Runicorn's storage root with the sample experiments; its user configuration names it. */
  readonly root: string;
}

/**
 * Fills `folder`, which must be empty or not there yet, with a home: six environments of different kinds (one
 * broken, some without Runicorn), sample experiments, and Runicorn's own configuration pointing to them.
 */
export async function prepareDemoHost(folder: string): Promise<DemoHost> {
  const home = join(folder, "home");
  const root = join(home, "runicorn-data");
  const { newest, oldest } = runicornVersions;
  await mkdir(home, { recursive: true });
  await makeConda(home, join(home, "miniconda3"), { llm: newest });
  await makeEnvironment(join(home, "venvs", "train"), newest);
  await makeEnvironment(join(home, "projects", "vision", ".venv"), oldest);
  await makeEnvironment(join(home, "projects", "tabular", ".venv"), undefined, "uv");
  await makeBrokenEnvironment(join(home, "projects", "thesis-2021", "venv"));
  await configureRoot(home, root);
  await sampleRuns(root, join(home, "venvs", "train"), home);
  return { home, root };
}
