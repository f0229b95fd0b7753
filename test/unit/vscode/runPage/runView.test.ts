import { describe, expect, it } from "vitest";
import { runView, valueToCopy } from "../../../../src/vscode/runPage/runView.js";
import { readToRunPage } from "../../../../src/vscode/runPage/toRunPage.js";
import { detailsOf, figures } from "../../runs/runDetailsOf.js";

const place = { sync: { host: "gpu", root: "/data" }, hostTime: 1_767_225_660 };

describe("one run in words", () => {
  it("names what it was started with and how it ended", () => {
    const details = detailsOf({
      run: { alias: "base", tags: ["good"] },
      parameters: { lr: 0.1, name: "a\u202eb" },
      metrics: { loss: figures({ last: 0.5, lastStep: 9, best: 0.25, count: 3 }) },
      files: [
        { path: "logs.txt", bytes: 10, isHere: true },
        { path: "model.pt", bytes: 2_048, isHere: false },
      ],
      bytes: 2_058,
      command: "python train.py",
      code: { commit: "abc", branch: "main", isDirty: true, remote: undefined, snapshot: undefined },
    });
    const view = runView(details, place);
    expect(view).toMatchObject({
      title: "base",
      seconds: 120,
      isRunning: false,
      tags: ["good"],
      hasLog: true,
    });
    const section = (id: string) => view.sections.find((one) => one.id === id)?.rows;
    expect(section("parameters")).toEqual([
      { name: "lr", value: "0.1" },
      { name: "name", value: "a\\u{202e}b" },
    ]);
    expect(section("metrics")?.[0]?.value).toBe("best 0.25 · last 0.5 (step 9) · 3 values");
    expect(section("code")?.map(({ value }) => value)).toContain("with changes that were not committed");
    expect(section("facts")).toContainEqual({ name: "Command", value: "python train.py" });
    expect(view.files.map(({ path, isHere }) => [path, isHere])).toEqual([
      ["model.pt", false],
      ["logs.txt", true],
    ]);
    expect(readToRunPage({ kind: "run", view })).toEqual({ kind: "run", view });
  });

  it("copies a value as the run has it, not as it is shown", () => {
    const details = detailsOf({ parameters: { lr: 1e-7, text: "a\u202eb\n" } });
    expect(valueToCopy(details, place, "parameters", 0)).toBe("1e-7");
    expect(valueToCopy(details, place, "parameters", 1)).toBe("a\u202eb\n");
    expect(valueToCopy(details, place, "parameters", 2)).toBe("");
    const exact = detailsOf({
      metrics: { loss: figures({ last: 0.11928739678855804, lastStep: 9, count: 1 }) },
    });
    const shown = runView(exact, place).sections.find(({ id }) => id === "metrics")?.rows[0]?.value;
    expect(shown).toContain("last 0.11929 (step 9)");
    expect(valueToCopy(exact, place, "metrics", 0)).toContain("last 0.11928739678855804 (step 9)");
  });

  it("has taken what the host's clock says while it runs, and says why it is as it is", () => {
    const running = detailsOf({ run: { status: "running", endedAt: undefined } });
    expect(runView(running, place)).toMatchObject({ seconds: 60, isRunning: true });
    const killed = detailsOf({
      run: { status: "failed", endedAt: undefined, sign: { kind: "process-gone" } },
    });
    const view = runView(killed, place);
    expect(view.seconds).toBeUndefined();
    expect(view.status.reason).toContain("process is gone");
    expect(runView(detailsOf({ run: { endedAt: 1 } }), place).seconds).toBeUndefined();
  });

  it("names what could not be read", () => {
    const details = detailsOf({
      run: { damaged: ["meta.json", "status.json"] },
      skipped: [
        { path: "events.jsonl", reason: "damaged", lines: 3 },
        { path: "events.jsonl", reason: "too-large", lines: 1 },
        { path: "assets.json", reason: "too-many", lines: 12_345 },
        { path: "status.json", reason: "no-permission", lines: 0 },
      ],
    });
    expect(runView(details, place).skipped).toEqual([
      "Damaged lines in events.jsonl, left out: 3",
      "Too long lines in events.jsonl, left out: 1",
      `Values in assets.json beyond 10,000 names, or with very long names, left out: ${(12_345).toLocaleString()}`,
      "status.json: the host does not let us read it.",
      "meta.json is damaged on the host.",
    ]);
  });

  it("counts one value and one file as one", () => {
    const details = detailsOf({
      metrics: { accuracy: figures({ last: 0.9, lastStep: 1, count: 1 }) },
      files: [{ path: "meta.json", bytes: 10, isHere: true }],
    });
    const view = runView(details, place);
    expect(view.sections.find(({ id }) => id === "metrics")?.rows[0]?.value).toMatch(/ · 1 value$/);
    expect(view.filesText).toMatch(/^1 file, /);
  });

  it("is bounded, whatever a run has", () => {
    const parameters = Object.fromEntries(
      Array.from({ length: 3_000 }, (_, index) => [`p${index}`, "x".repeat(10_000)]),
    );
    const files = Array.from({ length: 3_000 }, (_, index) => ({
      path: `f${index}`,
      bytes: 1,
      isHere: true,
    }));
    const view = runView(detailsOf({ parameters, files }), place);
    const section = view.sections.find(({ id }) => id === "parameters");
    expect([section?.rows.length, section?.more, view.files.length, view.moreFiles]).toEqual([
      2_000, 1_000, 2_000, 1_000,
    ]);
    expect(section?.rows[0]?.value.length).toBe(4_001);
  });
});
