import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRunImages } from "../../../../src/runs/images/runImages.js";

describe("the images of a run", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "images-"));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const line = (data: object, type = "image"): string => `${JSON.stringify({ ts: 5, type, data })}\n`;

  it("stand by name and step, and grow with the file", async () => {
    const file = join(folder, "events.jsonl");
    const images = createRunImages(file);
    expect(await images.update()).toBe(false);
    await writeFile(
      file,
      line({ loss: 1, global_step: 1 }, "metrics") +
        line({ key: "sample", path: "media/2.png", step: 20, caption: "later" }) +
        line({ key: "sample", path: "media/1.png", step: 10, caption: null }) +
        line({ key: "mask", path: "media/m.png", step: null }),
    );
    await images.update();
    expect([...images.series]).toEqual([
      [
        "sample",
        [
          { step: 10, caption: "", path: "media/1.png" },
          { step: 20, caption: "later", path: "media/2.png" },
        ],
      ],
      ["mask", [{ step: 0, caption: "", path: "media/m.png" }]],
    ]);
    await appendFile(file, line({ key: "mask", path: "media/n.png" }));
    expect(await images.update()).toBe(true);
    expect(images.series.get("mask")).toHaveLength(2);
  });

  it("have the last one of a run that was killed, whose line has no end", async () => {
    const file = join(folder, "killed.jsonl");
    const whole = line({ key: "sample", path: "media/2.png", step: 2 }).trimEnd();
    await writeFile(file, line({ key: "sample", path: "media/1.png", step: 1 }) + whole.slice(0, -9));
    const images = createRunImages(file);
    await images.update();
    expect(images.series.get("sample")).toHaveLength(1);
    await appendFile(file, whole.slice(-9));
    expect(await images.update()).toBe(true);
    expect(images.series.get("sample")?.map(({ path }) => path)).toEqual(["media/1.png", "media/2.png"]);
    await appendFile(file, `\n${line({ key: "sample", path: "media/3.png", step: 3 })}`);
    await images.update();
    expect(images.series.get("sample")).toHaveLength(3);
  });

  it("are bounded, and none of them lies elsewhere", async () => {
    const file = join(folder, "hostile.jsonl");
    const outside = ["../../other/secret.png", "/etc/passwd", "a/../../../b", ""];
    const many = Array.from({ length: 20_010 }, (_, index) => line({ key: "k", path: `m/${index}.png` }));
    await writeFile(
      file,
      `{"type":"image","data":{"key":7}}\n{"image"\n"image"\n${outside.map((path) => line({ key: "x", path })).join("")}${many.join("")}`,
    );
    const images = createRunImages(file);
    await images.update();
    expect([...images.series.keys()]).toEqual(["k"]);
    expect([images.series.get("k")?.length, images.leftOut]).toEqual([20_000, outside.length + 10]);
    // The newest are there, and their steps are those that they would have with all.
    const ends = (at: number) => images.series.get("k")?.at(at);
    expect([ends(0), ends(-1)]).toMatchObject([
      { step: 10, path: "m/10.png" },
      { step: 20_009, path: "m/20009.png" },
    ]);
    await appendFile(file, many.join(""));
    await images.update();
    expect([images.series.get("k")?.length, images.leftOut]).toEqual([20_000, outside.length + 20_020]);
    expect([ends(0), ends(-1)]).toMatchObject([{ step: 20_020 }, { step: 40_019 }]);
    await writeFile(file, line({ key: "new", path: "n.png" }));
    await images.update();
    expect([[...images.series.keys()], images.leftOut]).toEqual([["new"], 0]);
  });
});
