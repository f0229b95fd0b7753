import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askViewer } from "../../../src/viewer/askViewer.js";
import { type Ask, deleteRun, editRun, restoreRun } from "../../../src/viewer/runEdits.js";
import { makeEnvironment } from "../../support/runicorn/environments.js";
import { type OrdinaryViewer, startOrdinaryViewer } from "../../support/runicorn/ordinaryViewer.js";

const newNames = { alias: "新 name", tags: ["good", "lr = 1e-3"] };

/** Runicorn's own viewers, of each version that hosts have. */
describe.each([
  ["0.5.3", false],
  ["0.6.0", true],
  ["0.7.2", true],
])("a run is changed by Runicorn %s", (version, canEdit) => {
  let home: string;
  let root: string;
  let viewer: OrdinaryViewer;
  let folder: string;
  let ask: Ask;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "edits-"));
    root = join(home, "runs-root");
    const environment = join(home, "venv");
    await makeEnvironment(environment, version);
    await mkdir(root);
    const where = canEdit ? 'path="vision/resnet"' : 'project="vision", name="resnet"';
    const program = `import runicorn, sys\nrunicorn.init(${where}, storage=sys.argv[1]).finish()`;
    execFileSync(join(environment, "bin", "python"), ["-c", program, root], {
      env: { PATH: process.env["PATH"], HOME: home, LANG: "C.UTF-8" },
      stdio: ["ignore", "ignore", "inherit"],
    });
    const files = await readdir(root, { recursive: true });
    const meta = files.find((file) => basename(file) === "meta.json" && /\d{8}_\d{6}_/.test(file)) ?? "";
    folder = join(root, dirname(meta));
    viewer = await startOrdinaryViewer(environment, root, home);
    const localPort = Number(new URL(viewer.url).port);
    ask = (question) => askViewer({ localPort, ownHeaders: {} }, question);
  });
  afterAll(async () => {
    await viewer.end();
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  });

  const meta = async (): Promise<Record<string, unknown>> =>
    JSON.parse(await readFile(join(folder, "meta.json"), "utf8")) as Record<string, unknown>;

  it(canEdit ? "its name and its tags" : "but for its name and its tags, which is said", async () => {
    const before = await meta();
    const outcome = await editRun(ask, basename(folder), newNames);
    if (!canEdit) {
      expect(outcome).toEqual({ kind: "unsupported" });
      expect(await meta()).toEqual(before);
      return;
    }
    expect(outcome).toEqual({ kind: "done" });
    expect(await meta()).toEqual({ ...before, ...newNames });
    await editRun(ask, basename(folder), { alias: "", tags: [] });
    expect(await meta()).toEqual({ ...before, alias: null, tags: [] });
  });

  it("its place: in the recycle bin, and back", async () => {
    const before = await meta();
    const id = basename(folder);
    expect(await deleteRun(ask, id)).toEqual({ kind: "done" });
    expect(await deleteRun(ask, id)).toMatchObject({ kind: "refused" });
    expect(await restoreRun(ask, id)).toEqual({ kind: "done" });
    expect(await restoreRun(ask, id)).toMatchObject({ kind: "refused" });
    expect(await meta()).toMatchObject({ id: before["id"] });
  });

  it("a missing one is rejected with the viewer's message", async () => {
    const id = "20990101_000000_abcdef";
    const outcome = await deleteRun(ask, id);
    expect(outcome).toMatchObject({ kind: "refused", why: "run not found" });
    if (canEdit) expect(await editRun(ask, id, newNames)).toMatchObject({ kind: "refused", status: 404 });
    expect(await deleteRun(ask, "../../etc")).toMatchObject({ kind: "refused" });
  });
});
