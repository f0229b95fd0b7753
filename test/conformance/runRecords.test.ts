import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLogger } from "../../src/common/logger.js";
import { createRunRecords, type OpenRunRecords } from "../../src/runs/records/createRunRecords.js";
import type { RunTable, RunValue } from "../../src/runs/runTable.js";
import type { Syncs } from "../../src/sync/syncs.js";
import { createTestClient, type TestClient } from "../support/client.js";
import { ordinaryShell } from "../support/ordinaryShell.js";
import { makeEnvironment } from "../support/runicorn/environments.js";
import { runicornVersions } from "../support/runicorn/install.js";
import { startOrdinaryViewer } from "../support/runicorn/ordinaryViewer.js";
import { lastProjectLayout } from "../support/runicorn/projectRuns.js";
import program from "../support/runicorn/toldRuns.py";
import { type Sshd, startSshd } from "../support/sshd.js";
import { createTestSyncs } from "../support/syncRig.js";
import { until } from "../support/until.js";

/** Our table of the runs of a host beside what Runicorn's own API of each version answers there of the runs that it wrote. */

type Told = Readonly<Record<string, any>>;

const { oldest, newest } = runicornVersions;
const versions = [lastProjectLayout, oldest, newest];
const tellsPath = (version: string): boolean => version !== lastProjectLayout;

interface MadeRuns {
  readonly ids: readonly string[];
  readonly python: string;
}

let sshd: Sshd;
let client: TestClient;
let syncs: Syncs;
let records: OpenRunRecords;
let syncId: string;
let root: string;
let code: string;
const made = new Map<string, MadeRuns>();
const answers = new Map<string, ReadonlyMap<string, { listed: Told; detail: Told; metrics: Told }>>();
const environmentOf = (version: string): string => join(sshd.home, "venvs", version);
const git = (...args: string[]): string =>
  execFileSync("git", ["-C", code, ...args])
    .toString()
    .trim();

/** What the viewer of a version answers of its runs. Where it can, one of them is given tags first. */
async function ask(version: string): Promise<void> {
  const viewer = await startOrdinaryViewer(environmentOf(version), root, sshd.home);
  const get = async (path: string): Promise<Told> =>
    (await (await fetch(`${viewer.url}/api${path}`)).json()) as Told;
  try {
    const { ids = [] } = made.get(version) ?? {};
    if (version === newest) {
      const answer = await fetch(`${viewer.url}/api/runs/${ids[0]}`, {
        method: "PATCH",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ tags: ["good", "to keep"] }),
      });
      expect(answer.status).toBe(200);
    }
    const list = (await get("/runs")) as unknown as readonly Told[];
    const told = ids.map(async (id) => {
      const listed = list.find((run) => run["id"] === id) ?? {};
      return [
        id,
        { listed, detail: await get(`/runs/${id}`), metrics: await get(`/runs/${id}/metrics`) },
      ] as const;
    });
    answers.set(version, new Map(await Promise.all(told)));
  } finally {
    await viewer.end();
  }
}

beforeAll(async () => {
  sshd = await startSshd({ shell: ordinaryShell });
  root = join(sshd.home, "root");
  code = join(sshd.home, "code");
  for (const folder of [root, code]) await mkdir(folder);
  await writeFile(join(code, "train.py"), "print(1)\n");
  const person = ["-c", "user.name=p", "-c", "user.email=p@localhost"];
  git("init", "-q", "-b", "trunk");
  git("add", ".");
  git(...person, "commit", "-qm", "first");
  git("remote", "add", "origin", "git@localhost:code.git");
  await writeFile(join(code, "train.py"), "print(2)\n");
  for (const version of versions) {
    await makeEnvironment(environmentOf(version), version);
    const output = execFileSync(join(environmentOf(version), "bin", "python"), ["-c", program, root, code], {
      env: { PATH: process.env["PATH"], HOME: sshd.home, LANG: "C.UTF-8" },
      stdio: ["ignore", "pipe", "ignore"],
    });
    made.set(version, JSON.parse(output.toString().trim().split("\n").at(-1) ?? "") as MadeRuns);
  }
  for (const version of versions) await ask(version);
  client = await createTestClient();
  syncs = createTestSyncs(client.connections, client.home);
  records = createRunRecords({ syncs, logger: silentLogger });
  ({ id: syncId } = await syncs.start(await client.connectTo(sshd), { root, mode: "mirror" }));
  await until("the copy is as the host", async () => (await syncs.get(syncId))?.state.kind === "waiting");
}, 180_000);
afterAll(async () => {
  await records.close();
  await syncs.close();
  await client.dispose();
  await sshd.stop();
});

/** All values of a run in columns of one group. */
function valuesOf(table: RunTable, id: string, group: string): Record<string, RunValue> {
  const row = table.rowOf({ syncId, id }) ?? -1;
  const found: Record<string, RunValue> = {};
  for (const column of table.columns.values()) {
    const value = column.group === group ? column.at(row) : undefined;
    if (value !== undefined) found[column.figure ? `${column.name} ${column.figure}` : column.name] = value;
  }
  return found;
}

/** What an object of the API holds, as a table shows it. */
function flat(told: Told, prefix = ""): Record<string, RunValue> {
  return Object.assign(
    {},
    ...Object.entries(told).map(([name, value]: [string, unknown]) => {
      if (value === null) return {};
      if (Array.isArray(value)) return { [prefix + name]: JSON.stringify(value) };
      return typeof value === "object"
        ? flat(value as Told, `${prefix}${name}.`)
        : { [prefix + name]: value };
    }),
  ) as Record<string, RunValue>;
}

/** The figures of each metric among the rows of the API, in which NaN is null. */
function figures({ columns, rows }: Told): Record<string, RunValue> {
  const found: Record<string, RunValue> = {};
  for (const name of columns as readonly string[]) {
    if (["global_step", "time", "stage"].includes(name)) continue;
    const values = (rows as readonly Told[])
      .map((row) => row[name] as number | null)
      .filter((one) => one !== null);
    found[`${name} last`] = values.at(-1) ?? Number.NaN;
    found[`${name} min`] = Math.min(...values);
    found[`${name} max`] = Math.max(...values);
  }
  return found;
}

describe.each(versions)("of what Runicorn %s wrote", (version) => {
  const theirs = (): readonly (readonly [string, { listed: Told; detail: Told; metrics: Told }])[] => [
    ...(answers.get(version) ?? []),
  ];

  it("the table has what its list and its details tell of each run", async () => {
    const table = await records.table();
    expect(theirs()).toHaveLength(2);
    for (const [id, { listed, detail }] of theirs()) {
      const own = valuesOf(table, id, "run");
      const isNewest = version === newest;
      expect(own).toMatchObject({
        id: listed["id"],
        status: listed["status"],
        best: listed["best_metric_value"],
        bestMetric: listed["best_metric_name"],
        path: tellsPath(version) ? listed["path"] : `${listed["project"]}/${listed["name"]}`,
        ...(tellsPath(version) && { alias: listed["alias"] }),
        ...(!tellsPath(version) && { name: listed["name"] }),
        ...(listed["tags"]?.length > 0 && { tags: listed["tags"].join(", ") }),
      });
      expect(detail["status"]).toBe(own["status"]);
      // The newest reads its database, which knows some milliseconds before the files when a run began and ended.
      const decimals = isNewest ? 0 : 6;
      expect(own["created"]).toBeCloseTo(listed["created_time"], decimals);
      if (isNewest) {
        expect(own["started"]).toBeCloseTo(detail["start_time"], decimals);
        expect(own["duration"]).toBeCloseTo(detail["duration"], decimals);
      }
    }
    if (version === newest)
      expect(valuesOf(table, theirs()[0]?.[0] ?? "", "run")["tags"]).toBe("good, to keep");
  });

  it("the table has the parameters and the summary that its details tell", async () => {
    const table = await records.table();
    for (const [id, { detail }] of theirs()) {
      const { args, extra, ...config } = (detail["assets"]?.config ?? {}) as Told;
      expect(valuesOf(table, id, "parameter")).toEqual(flat({ ...extra, ...args, ...config }));
      if (tellsPath(version)) expect(Object.keys(args as object)).toContain("lr");
      if (detail["summary"]) expect(valuesOf(table, id, "summary")).toEqual(flat(detail["summary"] as Told));
      expect(valuesOf(table, id, "summary")).toMatchObject({ "final.accuracy": 0.75, comment: "good" });
    }
  });

  it("the table has the figures of the metrics that it tells", async () => {
    const table = await records.table();
    for (const [id, { metrics, listed }] of theirs()) {
      const expected = figures(metrics);
      expect(Object.keys(expected)).toHaveLength(9);
      const found = valuesOf(table, id, "metric");
      expect(found).toMatchObject(expected);
      expect(found[`${listed["best_metric_name"]} best`]).toBe(listed["best_metric_value"]);
    }
  });

  it("the table and the details have the code and the environment that the SDK saw", async () => {
    const table = await records.table();
    // Up to 0.6 the SDK does not find its own module that looks at the environment.
    const isSeen = version === newest;
    for (const [id] of theirs()) {
      const commit = git("rev-parse", "HEAD");
      const seen = { commit, branch: "trunk", dirty: true };
      if (isSeen) expect(valuesOf(table, id, "run")).toMatchObject(seen);
      const environment = valuesOf(table, id, "environment");
      const python = made.get(version)?.python;
      expect(environment["python"]).toBe(python?.split(" ")[0]);
      expect(environment["python_version"]).toBe(isSeen ? python : undefined);
      const details = await records.details({ syncId, id });
      const fromGit = { commit, branch: "trunk", isDirty: true, remote: "git@localhost:code.git" };
      const none = { commit: undefined, branch: undefined, isDirty: undefined, remote: undefined };
      const snapshot = version === oldest ? "code_snapshot.zip" : undefined;
      const isAny = isSeen || snapshot !== undefined;
      expect(details?.code).toEqual(isAny ? { ...(isSeen ? fromGit : none), snapshot } : undefined);
      expect(details?.metrics.get("val_loss")).toMatchObject({ count: 15, lastStep: 15, firstNotFinite: 9 });
      expect(details?.skipped).toEqual([]);
      expect(Object.fromEntries(details?.parameters ?? [])).toEqual(valuesOf(table, id, "parameter"));
      expect(Object.fromEntries(details?.summary ?? [])).toEqual(valuesOf(table, id, "summary"));
    }
  });
});

it("all runs of the root are in the table", async () => {
  const table = await records.table();
  const ids = Array.from({ length: table.count }, (_, row) => table.runAt(row).id);
  expect(ids.sort()).toEqual([...made.values()].flatMap((runs) => runs.ids).sort());
  expect(table).toMatchObject({ unread: 0, leftOut: { runs: 0, columns: 0, values: 0 } });
});
