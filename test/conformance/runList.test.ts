import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApi, type TestApi } from "../support/api.js";
import { inTurn } from "../support/matrix.js";
import { ordinaryShell } from "../support/ordinaryShell.js";
import { makeEnvironment } from "../support/runicorn/environments.js";
import { runicornVersions } from "../support/runicorn/install.js";
import { startOrdinaryViewer } from "../support/runicorn/ordinaryViewer.js";
import { makeVariousRuns, type RunKind, type VariousRuns } from "../support/runicorn/variousRuns.js";
import { type Sshd, startSshd } from "../support/sshd.js";

/** Our list of the runs of a host beside that of Runicorn's own viewer there. `npm run test:matrix`: also of runs that the oldest wrote. */

type ListedRun = Readonly<Record<string, unknown>> & { readonly id: string };
type Field = (typeof sharedFields)[number];

/** What both lists tell of a run. */
const sharedFields = [
  "run_dir",
  "created_time",
  "status",
  "pid",
  "best_metric_value",
  "best_metric_name",
  "path",
  "alias",
  "tags",
  "assets_count",
] as const;

const { oldest, newest } = runicornVersions;

interface Exception {
  /** Where only one of the viewers says something else. */
  readonly viewer?: string;
  readonly runs: readonly RunKind[];
  readonly fields: Readonly<Partial<Record<Field, unknown>>>;
  readonly why: string;
}

/** What our list says otherwise, and why. */
const exceptions: readonly Exception[] = [
  {
    runs: ["no-status"],
    fields: { status: "unknown" },
    why: "its status.json cannot be read: Runicorn takes it for finished",
  },
  {
    viewer: oldest,
    runs: ["no-meta"],
    fields: { path: "cv/broken" },
    why: "its meta.json cannot be read, and the folders tell its whole path: the oldest takes the first one alone",
  },
];

/**
 * What the newest viewer says otherwise of runs that the newest SDK wrote, since it reads its database and not the files of
 * the runs. When a run began, the database knows some milliseconds before the files do.
 */
const databaseExceptions: readonly Exception[] = [
  {
    runs: ["killed", "live"],
    fields: { best_metric_name: null, best_metric_value: null },
    why: "summary.json comes when a run ends",
  },
  {
    runs: ["no-summary"],
    fields: { best_metric_name: null, best_metric_value: null },
    why: "the database knows what the damaged file held",
  },
  { runs: ["no-meta"], fields: { alias: null, pid: null }, why: "the same" },
  {
    runs: ["resumed"],
    fields: { status: "finished", best_metric_value: 0.5 },
    why: "the database keeps what it knew of the run before it was resumed",
  },
];
/** Seconds. */
const databaseClock = 10;

interface Place {
  readonly home: string;
  readonly root: string;
}

function exceptionsFor(version: string, kind: RunKind, isFromDatabase: boolean): object {
  const all = isFromDatabase ? [...exceptions, ...databaseExceptions] : exceptions;
  const meant = all.filter(({ viewer = version, runs }) => viewer === version && runs.includes(kind));
  return Object.assign({}, ...meant.map(({ fields }) => fields)) as object;
}

/** Deletes and moves runs as a person does: in the viewer of that version, and in a shell. */
async function rearrange({ root, home }: Place, environment: string, runs: VariousRuns): Promise<void> {
  const viewer = await startOrdinaryViewer(environment, root, home);
  const post = async (path: string, body: unknown): Promise<boolean> => {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(`${viewer.url}${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    return answer.ok;
  };
  const id = (kind: RunKind): string => runs.folders[kind].split("/").at(-1) ?? "";
  try {
    expect(await post("/api/runs/soft-delete", { run_ids: [id("deleted")] })).toBe(true);
    const wasMoved = await post("/api/runs/move", { run_ids: [id("moved")], target_path: "cv/after/that" });
    if (!wasMoved) {
      // The oldest cannot: a person does it.
      await mkdir(join(root, "runs/cv/after/that"), { recursive: true });
      await rename(runs.folders.moved, join(root, "runs/cv/after/that", id("moved")));
    }
  } finally {
    await viewer.end();
  }
  await rename(join(root, "runs/old-name"), join(root, "runs/new-name"));
  await writeFile(join(runs.folders["no-status"], "status.json"), '{"status": "fini');
  await writeFile(join(runs.folders["no-summary"], "summary.json"), "[".repeat(100_000));
  await writeFile(join(runs.folders["no-meta"], "meta.json"), "");
}

describe.each(inTurn([oldest, newest], 1))("the runs that Runicorn %s wrote", (writer) => {
  let sshd: Sshd;
  let api: TestApi;
  let runs: VariousRuns;
  let place: Place;
  let ours: readonly ListedRun[];
  let statusOfKilled: string;
  const environmentOf = (version: string): string => join(sshd.home, "venvs", version);

  beforeAll(async () => {
    sshd = await startSshd({ shell: ordinaryShell });
    place = { home: sshd.home, root: join(sshd.home, "root") };
    await mkdir(place.root);
    for (const version of [oldest, newest]) await makeEnvironment(environmentOf(version), version);
    runs = await makeVariousRuns(place.root, environmentOf(writer), place.home);
    await rearrange(place, environmentOf(writer), runs);
    api = await startTestApi();
    await connect();
    await runs.kill();
    statusOfKilled = await readFile(join(runs.folders.killed, "status.json"), "utf8");
    const [sync] = await api.app.syncs.list();
    await api.app.syncs.syncNow(sync?.id ?? "");
    ours = (await api.request("GET", "/api/runs")).body as readonly ListedRun[];
  }, 120_000);
  afterAll(async () => {
    await runs.end();
    await api.dispose();
    await sshd.stop();
  });

  async function connect(): Promise<void> {
    const request = {
      host: "127.0.0.1",
      port: sshd.port,
      username: sshd.user,
      private_key_path: sshd.identityFile,
      use_agent: false,
    };
    const asked = await api.request("POST", "/api/unified/connect", request);
    await api.request("POST", "/api/remote/known-hosts/accept", asked.body.detail.host_key);
    await api.request("POST", "/api/unified/connect", request);
    const answer = await api.request("POST", "/api/unified/configure_mode", {
      mode: "smart",
      remote_root: place.root,
      sync_interval_minutes: 5,
    });
    expect(answer.status).toBe(200);
  }

  const kindOf = ({ id }: ListedRun): RunKind | undefined =>
    (Object.keys(runs.folders) as RunKind[]).find((kind) => runs.folders[kind].endsWith(`/${id}`));

  /** Without the machine that the folder lies on. */
  const fieldsOf = (run: ListedRun, root: string): Record<string, unknown> => ({
    ...Object.fromEntries(sharedFields.map((field) => [field, run[field]])),
    run_dir: relative(root, String(run["run_dir"])),
  });

  it("say `running` where the killed one's own file does, until we asked the host", () => {
    expect(JSON.parse(statusOfKilled)).toMatchObject({ status: "running" });
    expect(ours.find((run) => kindOf(run) === "killed")).toMatchObject({ status: "failed" });
    expect(ours.find((run) => kindOf(run) === "live")).toMatchObject({ status: "running" });
  });

  it.each(["moved", "renamed"] as const)("are found again where they are %s", async (kind) => {
    const run = ours.find((one) => kindOf(one) === kind);
    const [sync] = await api.app.syncs.list();
    const syncId = sync?.id ?? "";
    const folder = relative(place.root, runs.folders[kind]);
    const now = await api.app.syncs.folderOfRun({ syncId, id: run?.id ?? "", folder });
    expect(now).not.toBe(folder);
    expect(join(api.app.syncs.folder(syncId), now)).toBe(run?.["run_dir"]);
  });

  it("are told apart where they are deleted, as the viewers tell them", async () => {
    const { deleted_runs: bin } = (await api.request("GET", "/api/recycle-bin")).body;
    const viewer = await startOrdinaryViewer(environmentOf(writer), place.root, place.home);
    const asked = await fetch(`${viewer.url}/api/recycle-bin`).finally(() => viewer.end());
    const [theirs, ...more] = ((await asked.json()) as { deleted_runs: ListedRun[] }).deleted_runs;
    expect(more).toEqual([]);
    const told = ["id", "path", "alias", "original_status"].map((field) => [field, theirs?.[field]]);
    expect(bin).toMatchObject([Object.fromEntries(told)]);
    expect(kindOf(bin[0])).toBe("deleted");
  });

  it.each([oldest, newest])(
    "are told as the viewer of Runicorn %s tells them",
    async (version) => {
      const viewer = await startOrdinaryViewer(environmentOf(version), place.root, place.home);
      let theirs: readonly ListedRun[];
      try {
        theirs = (await (await fetch(`${viewer.url}/api/runs`)).json()) as readonly ListedRun[];
      } finally {
        await viewer.end();
      }
      const [sync] = await api.app.syncs.list();
      const localRoot = api.app.syncs.folder(sync?.id ?? "");
      const isFromDatabase = version === newest && writer === newest;
      const expected = Object.fromEntries(
        theirs.map((run) => {
          const kind = kindOf(run) ?? "live";
          const fields = { ...fieldsOf(run, place.root), ...exceptionsFor(version, kind, isFromDatabase) };
          if (isFromDatabase) {
            const { created_time: oursAt } = ours.find(({ id }) => id === run.id) ?? run;
            expect(Math.abs(Number(oursAt) - Number(fields["created_time"]))).toBeLessThan(databaseClock);
            fields["created_time"] = oursAt;
            // The database was not told of what a person renamed.
            if (kind === "renamed") fields["run_dir"] = `runs/new-name/demo/${run.id}`;
          }
          return [kind, fields];
        }),
      );
      expect(Object.fromEntries(ours.map((run) => [kindOf(run), fieldsOf(run, localRoot)]))).toEqual(
        expected,
      );
      expect(Object.keys(expected)).not.toContain("deleted");
      expect(Object.keys(expected)).toHaveLength(Object.keys(runs.folders).length - 1);
    },
    60_000,
  );
});
