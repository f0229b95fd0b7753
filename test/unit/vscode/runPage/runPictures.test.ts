import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { App } from "../../../../src/app.js";
import type { Run } from "../../../../src/sync/runIndex/runs.js";
import { createRunPictures } from "../../../../src/vscode/runPage/runPictures.js";

const { signal } = new AbortController();

describe("the images on the page of a run", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "pictures-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** What is listed of a run that logged so many images of each name. */
  async function listed(counts: Readonly<Record<string, number>>) {
    const lines = Object.entries(counts).flatMap(([key, count]) =>
      Array.from({ length: count }, (_, step) =>
        JSON.stringify({ type: "image", data: { key, path: `media/${key}/${step}.png`, step } }),
      ),
    );
    const place = join(folder, "events.jsonl");
    await writeFile(place, `${lines.join("\n")}\n`);
    const syncs = {
      folderOfRun: () => Promise.resolve("runs/a"),
      fetch: () => Promise.resolve({ place }),
    } as unknown as App["syncs"];
    const found = await createRunPictures({ syncs }, { syncId: "s" } as Run).look(signal);
    return {
      series: found?.series.map(({ name, images }) => [name, images.length, images.at(0)?.step]),
      note: found?.note,
    };
  }

  it("have a part of each series where there are more than a page lists, the newest", async () => {
    expect(await listed({ first: 5_000, few: 100, last: 5_000 })).toEqual({
      series: [
        ["first", 2_450, 2_550],
        ["few", 100, 0],
        ["last", 2_450, 2_550],
      ],
      note: "Images that are not shown: 5100",
    });
  });

  it("are all that there are, as far as a page can list them", async () => {
    expect(await listed({ first: 4_000, last: 1_000 })).toEqual({
      series: [
        ["first", 4_000, 0],
        ["last", 1_000, 0],
      ],
      note: "",
    });
  });

  it("have one of each of the first series where there are more series than a page lists images", async () => {
    const counts = Object.fromEntries(Array.from({ length: 5_002 }, (_, index) => [`s${index}`, 2]));
    const { series, note } = await listed(counts);
    expect(series).toHaveLength(5_000);
    expect(series?.at(-1)).toEqual(["s4999", 1, 1]);
    expect(note).toBe("Images that are not shown: 5004");
  });
});
