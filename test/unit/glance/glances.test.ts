import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Emitter } from "../../../src/common/async/event.js";
import { Failure } from "../../../src/common/failure.js";
import { silentLogger } from "../../../src/common/logger.js";
import type { StatusQuestion } from "../../../src/glance/askStatus.js";
import { createGlances } from "../../../src/glance/glances.js";
import { readStatus } from "../../../src/glance/readStatus.js";
import type { Connection } from "../../../src/ssh/model/connection.js";

const nothing = readStatus(Buffer.alloc(0));

/** Glances at connections that are made up; each question takes as long as the test says. */
function rig({ takes = 0 } = {}) {
  const changed = new Emitter<void>();
  const all: Connection[] = [];
  const asked: { id: string; at: number; question: StatusQuestion }[] = [];
  let atOnce = 0;
  const state = { takes, fails: false, mostAtOnce: 0, stuck: "" };
  const glances = createGlances({
    connections: { all, onDidChange: changed.event },
    subjectsOf: () => Promise.resolve({ roots: ["/data"], runs: [] }),
    logger: silentLogger,
    ask: async ({ id }, question) => {
      asked.push({ id, at: performance.now(), question });
      state.mostAtOnce = Math.max(state.mostAtOnce, (atOnce += 1));
      await new Promise((resolve) => setTimeout(resolve, state.takes));
      atOnce -= 1;
      if (state.fails) throw new Failure({ code: "exec-timed-out" });
      return { ...nothing, stuck: state.stuck };
    },
  });
  return {
    glances,
    state,
    asked,
    open: (id: string): Connection => {
      const connection = { id, state: "open" } as Connection;
      all.push(connection);
      changed.fire();
      return connection;
    },
    close: (connection: Connection): void => {
      all.splice(all.indexOf(connection), 1);
      changed.fire();
    },
  };
}

describe("glances at hosts", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("are taken while somebody watches, and not else", async () => {
    const { glances, asked, open } = rig();
    open("a");
    await vi.advanceTimersByTimeAsync(100_000);
    expect(asked).toHaveLength(0);
    const row = glances.watch(() => 30);
    await vi.advanceTimersByTimeAsync(60_500);
    expect(asked).toHaveLength(3);
    const page = glances.watch(() => 5);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(asked).toHaveLength(7);
    page.dispose();
    row.dispose();
    await vi.advanceTimersByTimeAsync(100_000);
    expect(asked).toHaveLength(7);
    expect(glances.of("a")?.samples).toHaveLength(7);
    glances.watch(() => 30).dispose();
    await vi.advanceTimersByTimeAsync(100_000);
    expect(asked).toHaveLength(7);
  });

  it.each([
    ["at an interval above the longest pause", { takes: 0, seconds: 600 }],
    ["with questions that take long", { takes: 40_000, seconds: 5 }],
  ])("ask a host that fails no more often than one that answers, %s", async (_, { takes, seconds }) => {
    const counts = [];
    for (const fails of [false, true]) {
      const { glances, asked, open, state } = rig({ takes });
      state.fails = fails;
      open("a");
      const row = glances.watch(() => seconds);
      await vi.advanceTimersByTimeAsync(3_600_000);
      counts.push(asked.length);
      row.dispose();
    }
    const [answering = 0, failing = 0] = counts;
    expect(failing).toBeLessThanOrEqual(answering);
  });

  it("ask one question at a time, for a tenth of the time at most", async () => {
    const { glances, asked, open, state } = rig({ takes: 2_000 });
    open("a");
    glances.watch(() => 1);
    const other = glances.watch(() => 1);
    other.dispose();
    await vi.advanceTimersByTimeAsync(61_000);
    expect(state.mostAtOnce).toBe(1);
    expect(asked.map(({ at }) => Math.round(at - (asked[0]?.at ?? 0)))).toEqual([0, 20_000, 40_000, 60_000]);
  });

  it("back off after failures, say why, and keep the last result", async () => {
    const { glances, asked, open, state } = rig();
    open("a");
    glances.watch(() => 5);
    await vi.advanceTimersByTimeAsync(1);
    state.fails = true;
    await vi.advanceTimersByTimeAsync(600_000);
    const gaps = asked
      .map(({ at }, index) => Math.round((at - (asked[index - 1]?.at ?? 0)) / 1_000))
      .slice(1);
    expect(gaps.slice(0, 4)).toEqual([5, 10, 20, 40]);
    expect(glances.of("a")?.failure).toEqual({ code: "exec-timed-out" });
    expect(glances.of("a")?.status).toBeDefined();
    state.fails = false;
    await vi.advanceTimersByTimeAsync(300_000);
    expect(glances.of("a")?.failure).toBeUndefined();
  });

  it("end with their connection, and begin with a new one", async () => {
    const { glances, asked, open, close } = rig({ takes: 100 });
    glances.watch(() => 5);
    const heard: string[] = [];
    glances.onDidChange((id) => heard.push(id));
    const first = open("a");
    await vi.advanceTimersByTimeAsync(50);
    close(first);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(1);
    expect(glances.of("a")).toBeUndefined();
    expect(heard).toEqual(["a"]);
    open("a");
    await vi.advanceTimersByTimeAsync(150);
    expect(asked).toHaveLength(2);
    expect(glances.of("a")?.samples).toHaveLength(1);
  });

  it("tell the host which tools hang there", async () => {
    const { glances, asked, open, state } = rig();
    state.stuck = "nvidia=12";
    open("a");
    glances.watch(() => 5);
    await vi.advanceTimersByTimeAsync(6_000);
    expect(asked.map(({ question }) => question.stuck)).toEqual([undefined, "nvidia=12"]);
  });

  it("keep ten minutes at the pace of the page", async () => {
    const { glances, open } = rig();
    open("a");
    glances.watch(() => 5);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(glances.of("a")?.samples).toHaveLength(120);
  });
});
