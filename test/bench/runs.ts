// What the table of runs costs with 10,000 runs and 200 columns, beside a plain HTML table of the same values and Runicorn's own page, in
// Chromium:
//   npm run bench:runs
// RUNS, COLUMNS, RUN_REPETITIONS (default 5), PLAIN_RUNS: the first ones that the plain table has (default: as many as fit into
// 2 GiB of its renderer, told by a small one), PLAIN_REPETITIONS (default 1: two million cells take a browser minutes). Ours is the page that a window shows, with what drives it in this program instead of
// an extension host; all columns are shown. Counted is processor time: of the page's renderer, and of this program for ours. The plain
// table is made, sorted, filtered and changed as its rows are moved, hidden and written to: there is no faster way with one.
// RUNICORN_RUNS (default: as many as RUNS): runs of the root that Runicorn's newest viewer shows. Its page has ten columns, ten rows at a
// time; its next page stands for a screen of scrolling, and the server's own work is not counted. 0: without it.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import type { CDPSession, Page } from "playwright-core";
import { createValueText } from "../../src/runs/view/valueText.js";
import type { RunTable } from "../../src/runs/runTable.js";
import { manyRuns } from "../support/runTable/manyRuns.js";
import { openRunicornPage, type RunicornPage } from "../support/runTable/runicornPage.js";
import { openTablePage, type TablePage } from "../support/runTable/tablePage.js";
import { launchBrowser } from "../support/vscode/chromium.js";
import { median } from "./figures.js";

const runs = Number(process.env["RUNS"] ?? 10_000);
const columns = Number(process.env["COLUMNS"] ?? 200);
const repetitions = Number(process.env["RUN_REPETITIONS"] ?? 5);
const runicornRuns = Number(process.env["RUNICORN_RUNS"] ?? runs);
const plainRepetitions = Number(process.env["PLAIN_REPETITIONS"] ?? 1);
/** Milliseconds for anything: the machine may be busy. */
const patience = 600_000;
/** Bytes of the renderer that the plain table may take. */
const mostMemory = 2 * 2 ** 30;

const steps = [
  "first rows",
  "sort",
  "a key in the filter",
  "a screen of scrolling",
  "one run changed",
] as const;
type Step = (typeof steps)[number];
const targets: Readonly<Record<Step, number>> = {
  "first rows": 500,
  sort: 100,
  "a key in the filter": 50,
  "a screen of scrolling": 32,
  "one run changed": 100,
};
type Times = Record<Step, number[]>;
const noTimes = (): Times =>
  Object.fromEntries(steps.map((step) => [step, [] as number[]])) as unknown as Times;
const [ours, plain, runicorns] = [noTimes(), noTimes(), noTimes()];
const memory = { ours: [] as number[], plain: [] as number[], runicorns: [] as number[] };

const profile = await mkdtemp(join(tmpdir(), "bench-runs-"));
const context = await launchBrowser({ profile, args: ["--js-flags=--expose-gc"] });
const table = manyRuns(runs, columns);
const changedTable = manyRuns(runs, columns, new Set([3]));

async function metric(session: CDPSession, name: string): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  return metrics.find((one) => one.name === name)?.value ?? NaN;
}

/** Milliseconds of the page's main thread, until two frames were drawn with nothing to do. */
async function taskTime(page: Page, session: CDPSession, work: () => Promise<unknown>): Promise<number> {
  const before = await metric(session, "TaskDuration");
  await work();
  await page.evaluate(
    "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 20))))",
  );
  return ((await metric(session, "TaskDuration")) - before) * 1_000;
}

async function newPage(): Promise<readonly [Page, CDPSession]> {
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  const session = await context.newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  return [page, session];
}

async function turnOfOurs(): Promise<void> {
  const [page, session] = await newPage();
  let driven: TablePage | undefined;
  const measure = async (step: Step, work: () => Promise<unknown>): Promise<void> => {
    const before = driven?.worked ?? 0;
    const rendered = await taskTime(page, session, work);
    ours[step].push(rendered + (driven?.worked ?? 0) - before);
  };
  const firstCell = page.locator('.row[aria-rowindex="2"] [aria-colindex="2"]');
  const shown = [...table.columns.keys()].map((id, at) => ({ id, width: 110, isPinned: at < 1 }));
  await measure("first rows", async () => {
    driven = await openTablePage(page, {
      columns: [
        { id: "run.label", width: 180, isPinned: true },
        ...shown.map((one) => ({ ...one, isPinned: false })),
      ],
    });
    driven.setTable(table);
    await firstCell.filter({ hasText: /\S/ }).waitFor();
  });
  await measure("sort", async () => {
    await page.locator('.head [aria-colindex="7"]').click();
    await page.locator(".head [aria-sort=ascending]").waitFor();
  });
  await page.locator(".filter input").focus();
  await measure("a key in the filter", async () => {
    await page.keyboard.type("9");
    await page.locator(".count", { hasText: " of " }).first().waitFor();
  });
  await page.locator(".filter input").fill("");
  await page
    .locator(".count", { hasText: /^\d+ runs$/ })
    .first()
    .waitFor();
  await measure("a screen of scrolling", async () => {
    await page.evaluate("document.querySelector('.grid').scrollTop = 30 * 24");
    await page.locator('.row[aria-rowindex="40"]:not(.waiting)').waitFor();
  });
  await measure("one run changed", () => {
    driven?.setTable(changedTable);
    return Promise.resolve();
  });
  memory.ours.push((await largestRenderer()) / 2 ** 20);
  if (ours.sort.length === repetitions) console.log(`largest message of ours: ${driven?.largest} bytes`);
  await page.close();
}

/** What Runicorn's own page can do of it. One run that changed is seen at its next refresh, which is pressed. */
async function turnOfRunicorn({ url }: RunicornPage): Promise<void> {
  const [page, session] = await newPage();
  const measure = async (step: Step, work: () => Promise<unknown>): Promise<void> =>
    void runicorns[step].push(await taskTime(page, session, work));
  const row = page.locator("tbody tr.ant-table-row");
  const firstIs = (text: RegExp): Promise<void> => row.first().filter({ hasText: text }).waitFor();
  await measure("first rows", async () => {
    await page.goto(url);
    await row.first().waitFor();
  });
  // It looks every few seconds by itself.
  await page.getByText("Auto-refresh").click();
  await measure("sort", async () => {
    await page.locator("th", { hasText: "Created" }).click();
    await firstIs(/trial-0(?!\d)/);
  });
  await measure("a screen of scrolling", async () => {
    await page.locator(".ant-pagination-next").first().click();
    await firstIs(/trial-10(?!\d)/);
  });
  await measure("one run changed", async () => {
    const answer = page.waitForResponse(/\/api\/runs/);
    await page.getByRole("button", { name: "Refresh" }).click();
    await (await answer).finished();
  });
  await page.getByPlaceholder("Search by name or ID...").focus();
  await measure("a key in the filter", async () => {
    const before = await page.locator(".ant-pagination-total-text").innerText();
    await page.keyboard.type("9");
    await page.locator(".ant-pagination-total-text").filter({ hasNotText: before }).waitFor();
  });
  memory.runicorns.push((await largestRenderer()) / 2 ** 20);
  await page.close();
}

/** The same texts in a table of HTML, put together by the browser's own parser. */
function plainHtml(of: RunTable): string {
  const text = createValueText("en");
  const all = [...of.columns.values()];
  const rows: string[] = [];
  for (let row = 0; row < of.count; row += 1)
    rows.push(`<tr>${all.map((column) => `<td>${text(column.at(row), column.kind)}`).join("")}`);
  return `<!DOCTYPE html><title>Plain</title><style>td { white-space: nowrap }</style><table><thead><tr>${all
    .map(({ name }) => `<th>${name}`)
    .join("")}<tbody>${rows.join("\n")}</table>`;
}

/** Bytes that the largest renderer holds in memory; the others are idle. */
async function largestRenderer(): Promise<number> {
  const browser = await context.browser()?.newBrowserCDPSession();
  const { processInfo } = (await browser?.send("SystemInfo.getProcessInfo")) ?? { processInfo: [] };
  const renderers = processInfo.filter(({ type }) => type === "renderer");
  const held = renderers.map(async ({ id }) => {
    const status = await readFile(`/proc/${id}/status`, "utf8").catch(() => "");
    return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  });
  return Math.max(...(await Promise.all(held)));
}

/** How many runs a plain table can have within the memory that it may take. */
async function runsThatFit(): Promise<number> {
  const held: number[] = [];
  const sizes = [100, 500] as const;
  for (const size of sizes) {
    held.push(await turnOfPlain(plainHtml(manyRuns(size, columns)), noTimes()));
  }
  const [small = NaN, large = NaN] = held;
  const perRun = (large - small) / (sizes[1] - sizes[0]);
  console.log(`a run of a plain table takes ${(perRun / 2 ** 10).toFixed(0)} KiB`);
  return Math.min(runs, Math.floor((mostMemory - small) / perRun));
}

/** @returns bytes that its renderer holds when all was done with it. */
async function turnOfPlain(html: string, times: Times): Promise<number> {
  const [page, session] = await newPage();
  const measure = async (step: Step, work: () => Promise<unknown>): Promise<void> =>
    void times[step].push(await taskTime(page, session, work));
  const run = (code: string) => (): Promise<unknown> => page.evaluate(code);
  await measure("first rows", () => page.setContent(html, { timeout: patience }));
  await measure(
    "sort",
    run(`{ const body = document.querySelector("tbody");
      body.append(...[...body.rows].map((row) => [Number(row.cells[5].textContent), row]).sort(([a], [b]) => a - b).map(([, row]) => row));
      body.offsetHeight }`),
  );
  await measure(
    "a key in the filter",
    run(
      `{ for (const row of document.querySelector("tbody").rows) row.hidden = !row.cells[2].textContent.includes("3"); document.body.offsetHeight }`,
    ),
  );
  await page.evaluate(`for (const row of document.querySelector("tbody").rows) row.hidden = false`);
  await measure("a screen of scrolling", run("scrollBy(0, 30 * 24)"));
  await measure(
    "one run changed",
    run(
      `{ for (const cell of document.querySelector("tbody").rows[3].cells) cell.textContent = "1"; document.body.offsetHeight }`,
    ),
  );
  const held = await largestRenderer();
  await page.close();
  return held;
}

let runicorn: RunicornPage | undefined;
try {
  const load = loadavg()[0];
  const plainRuns = Number(process.env["PLAIN_RUNS"] ?? (await runsThatFit()));
  const html = plainHtml(manyRuns(plainRuns, columns));
  const turnOfPlainTable = async (): Promise<void> => {
    memory.plain.push((await turnOfPlain(html, plain)) / 2 ** 20);
  };
  if (runicornRuns > 0) runicorn = await openRunicornPage(runicornRuns);
  for (let turn = 0; turn < repetitions; turn += 1) {
    const both = turn < plainRepetitions ? [turnOfOurs, turnOfPlainTable] : [turnOfOurs];
    for (const one of turn % 2 ? both.toReversed() : both) await one();
    if (runicorn) await turnOfRunicorn(runicorn);
  }
  console.log(
    `${runs} runs, ${columns} columns, ${repetitions} turns, load ${load?.toFixed(0)} and ${loadavg()[0]?.toFixed(0)}`,
  );
  console.table(
    steps.map((step) => ({
      step,
      "ours, ms of CPU": median(ours[step]).toFixed(0),
      least: Math.min(...ours[step]).toFixed(0),
      target: targets[step],
      [`plain, ${plainRuns} runs, ms`]: median(plain[step]).toFixed(0),
      ratio: (median(ours[step]) / median(plain[step])).toFixed(3),
      ...(runicorn && {
        [`Runicorn ${runicorn.version}, ${runicornRuns} runs, ms`]: median(runicorns[step]).toFixed(0),
        "ratio to it": (median(ours[step]) / median(runicorns[step])).toFixed(3),
      }),
    })),
  );
  console.log(
    `memory of the renderer, MiB: ours ${median(memory.ours).toFixed(0)}, plain ${median(memory.plain).toFixed(0)}${runicorn ? `, Runicorn's ${median(memory.runicorns).toFixed(0)}` : ""}`,
  );
} finally {
  await context.close();
  await runicorn?.dispose();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
}
