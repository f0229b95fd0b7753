import { describe, expect, it } from "vitest";
import type { Glance } from "../../../../src/glance/glances.js";
import { readStatus } from "../../../../src/glance/readStatus.js";
import { isNews } from "../../../../src/vscode/sideBar/glanceNews.js";

const nothing = readStatus(Buffer.alloc(0));
const glance = (load: number, use = 0, at = 0): Glance => ({
  connectionId: "a",
  roots: [],
  status: {
    ...nothing,
    load: [load, 1, 1],
    gpus: [{ index: "0", name: "", use, memory: undefined, temperature: 50 + use / 10, processes: [] }],
  },
  at,
  trainings: [],
  failure: undefined,
  samples: [],
});

describe("the row of a host is updated", () => {
  it("when the first status arrives, or there is none any longer", () => {
    expect(isNews(undefined, glance(1))).toBe(true);
    expect(isNews(glance(1), undefined)).toBe(true);
    expect(isNews(undefined, undefined)).toBe(false);
  });

  it("when a GPU becomes busy, the load changes, or a query fails", () => {
    expect(isNews(glance(1, 0), glance(1, 90))).toBe(true);
    expect(isNews(glance(1), glance(2))).toBe(true);
    expect(isNews(glance(20), glance(24))).toBe(true);
    expect(isNews(glance(1), { ...glance(1), failure: { code: "exec-timed-out" } })).toBe(true);
  });

  it("for figures that always change only every five minutes", () => {
    expect(isNews(glance(1, 80), glance(1.4, 95))).toBe(false);
    expect(isNews(glance(20), glance(22))).toBe(false);
    expect(isNews(glance(1), glance(1, 0, 299_999))).toBe(false);
    expect(isNews(glance(1), glance(1, 0, 300_000))).toBe(true);
  });
});
