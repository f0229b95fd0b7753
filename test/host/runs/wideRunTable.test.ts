import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { manyRuns } from "../../support/runTable/manyRuns.js";
import { openTablePage } from "../../support/runTable/tablePage.js";
import { runWith, tableOf } from "../../support/runs/runTable.js";
import { launchBrowser } from "../../support/vscode/chromium.js";

/* The page of the table, as it is built, where more is on the screen than one answer may hold. */

let profile: string;
let browser: BrowserContext;
let page: Page;

beforeAll(async () => {
  profile = await mkdtemp(join(tmpdir(), "wide-table-"));
  browser = await launchBrowser({ profile });
});
afterAll(async () => {
  await browser.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
});

const seen = (row: number, column: number) =>
  page.locator(`.row[aria-rowindex="${row + 2}"] [aria-colindex="${column + 1}"]`).filter({ hasText: /\S/ });
const narrow = (ids: Iterable<string>) => [...ids].map((id) => ({ id, width: 40, isPinned: false }));
const drawn = (): Promise<unknown> =>
  page.evaluate(
    "(async () => { for (let frame = 0; frame < 10; frame += 1) await new Promise(requestAnimationFrame); })()",
  );

it("asks once for very many narrow columns", async () => {
  page = await browser.newPage();
  await page.setViewportSize({ width: 9_000, height: 400 });
  const table = manyRuns(300, 400);
  const { model, setTable } = await openTablePage(page, { columns: narrow(table.columns.keys()) });
  let asked = 0;
  const { rows } = model;
  model.rows = (message) => {
    asked += 1;
    return rows(message);
  };
  setTable(table);
  await seen(0, 200).waitFor();
  await drawn();
  expect(asked).toBeLessThan(5);
  await page.evaluate("document.querySelector('.grid').scrollLeft = 9_000");
  await seen(0, 390).waitFor();
  await page.close();
});

it("shows lines in the middle whose answers hold few of them", async () => {
  page = await browser.newPage();
  await page.setViewportSize({ width: 9_000, height: 400 });
  const runs = Array.from({ length: 100 }, (_, row) => runWith({ id: `r${row}` }));
  const facts = Array.from({ length: 250 }, (_, at) => ({
    name: `p${at}`,
    kind: "text" as const,
    values: (row: number) => `${row} ${"long ".repeat(1_000)}`,
  }));
  const table = tableOf(runs, facts);
  const { setTable } = await openTablePage(page, { columns: narrow(table.columns.keys()) });
  setTable(table);
  await seen(0, 100).waitFor();
  await page.evaluate("document.querySelector('.grid').scrollTop = 60 * 24");
  for (const row of [60, 70]) await seen(row, 100).waitFor();
  await page.close();
});
