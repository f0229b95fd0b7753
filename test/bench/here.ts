// A viewer of this machine by This Machine, beside the plain `runicorn viewer` that one would type, in one run:
//   npm run bench:here
// BENCH_REPETITIONS turns (default 9), order reversed each time. Clients of requests are processes of their own.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { sessionUrl } from "../../src/viewer/session/session.js";
import { createTestViewers } from "../support/client.js";
import { freePort } from "../support/ports.js";
import { sampleRuns } from "../support/runicorn/sampleRuns.js";
import { connectHere } from "../support/thisMachine.js";
import { askFromSide, median } from "./figures.js";

const repetitions = Number(process.env["BENCH_REPETITIONS"] ?? 9);
const counts = { kept: 200, new: 50 };
/** Of so many requests each, in each turn. */
const batches = 4;
/** Milliseconds from one look whether the plain viewer answers to the next. */
const lookEvery = 2;

/** One way to a viewer: how it is started, and the local port that it then has. */
interface Way {
  readonly name: "plain" | "here";
  /** Starts one and gets its page. */
  start(): Promise<{ readonly port: number; stop(): Promise<void> }>;
}

const stage = await connectHere();
const { home, root } = stage.host;
await sampleRuns(root, join(home, "venvs", "train"), home);
const { python } = stage.train;

const plain: Way = {
  name: "plain",
  start: async () => {
    const port = await freePort();
    const args = ["-m", "runicorn", "viewer", "--port", String(port), "--storage", root];
    const env = { PATH: process.env["PATH"], HOME: home, LANG: "C.UTF-8" };
    const child: ChildProcess = spawn(python, args, { stdio: "ignore", env });
    while (!(await pageOf(`http://127.0.0.1:${port}/`))) await delay(lookEvery);
    return {
      port,
      stop: async () => {
        child.kill("SIGKILL");
        await once(child, "exit");
      },
    };
  },
};

const viewers = createTestViewers(stage.client);
const here: Way = {
  name: "here",
  start: async () => {
    const session = await viewers.start(stage.connection, { environment: stage.train, root });
    const url = sessionUrl(session) ?? "";
    if (!(await pageOf(url))) throw new Error("the page is not there");
    return { port: Number(new URL(url).port), stop: () => viewers.stop(session.id) };
  },
};

const taken = new Map<string, Record<Way["name"], number[]>>();
const note = (what: string, { name }: Way, milliseconds: number): void => {
  const row = taken.get(what) ?? { plain: [], here: [] };
  row[name].push(milliseconds);
  taken.set(what, row);
};
try {
  // What is read for the first time is in nobody's favour.
  for (const way of [plain, here]) await (await way.start()).stop();
  for (let turn = 0; turn < repetitions; turn += 1) {
    const ways = turn % 2 === 0 ? [plain, here] : [here, plain];
    const running: { readonly way: Way; readonly port: number; stop(): Promise<void> }[] = [];
    for (const way of ways) {
      const startedAt = performance.now();
      const viewer = await way.start();
      note("start to page", way, performance.now() - startedAt);
      running.push({ way, ...viewer });
    }
    // What else the machine does is the same for both: they take turns.
    for (let batch = 0; batch < batches; batch += 1) {
      for (const { way, port } of batch % 2 === 0 ? running : [...running].reverse()) {
        note("a request, kept connection", way, median(await askFromSide(port, "kept", counts.kept)));
        note("a request, new connection", way, median(await askFromSide(port, "new", counts.new)));
      }
    }
    for (const { stop } of running) await stop();
  }
} finally {
  await viewers.stopAll();
  await stage.dispose();
}
const figure = (values: readonly number[]): string =>
  `${median(values).toFixed(2)} (${Math.min(...values).toFixed(2)})`;
console.table(
  [...taken].map(([what, { plain: one, here: other }]) => ({
    what,
    "runicorn viewer, ms": figure(one),
    "This Machine, ms": figure(other),
    "difference of medians": (median(other) - median(one)).toFixed(2),
    "difference of the least": (Math.min(...other) - Math.min(...one)).toFixed(2),
  })),
);
console.log(`medians (and the least) of ${repetitions} turns, load ${loadavg()[0]?.toFixed(1) ?? ""}`);

function pageOf(url: string): Promise<boolean> {
  return fetch(new URL("/", url)).then(
    async (answer) => (await answer.text()).length > 0 && answer.ok,
    () => false,
  );
}
