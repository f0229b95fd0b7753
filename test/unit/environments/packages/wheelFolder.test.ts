import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createWheelFolder } from "../../../../src/environments/packages/wheelFolder.js";

describe("the folder of wheels", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "wheels-"));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const add = (name: string, bytes: number): Promise<void> =>
    writeFile(join(folder, name), "x".repeat(bytes));

  it("tells of each wheel once, and of nothing else", async () => {
    const wheels = createWheelFolder(folder, 1000);
    await add("one-1.0-py3-none-any.whl", 400);
    await add("one-1.0.tar.gz", 400);
    const sha256 = createHash("sha256").update("x".repeat(400)).digest("hex");
    expect(await wheels.added()).toEqual([{ name: "one-1.0-py3-none-any.whl", size: 400, sha256 }]);
    await add("two-1.0-py3-none-any.whl", 600);
    expect((await wheels.added()).map(({ name }) => name)).toEqual(["two-1.0-py3-none-any.whl"]);
    expect(await wheels.added()).toEqual([]);
  });

  it("has one limit for the wheels of all rounds", async () => {
    const wheels = createWheelFolder(folder, 1000);
    await add("one-1.0-py3-none-any.whl", 600);
    await wheels.added();
    await add("two-1.0-py3-none-any.whl", 600);
    await expect(wheels.added()).rejects.toMatchObject({
      detail: { code: "packages-too-large", most: 1000 },
    });
  });
});
