// What the tree of connections costs with 1,000 hosts and 500 viewers, beside an empty one, in real VS Code windows:
//   npm run bench:tree
// TREE_REPETITIONS turns (default 5), TREE_HOSTS and TREE_SESSIONS. Both windows are open at the same time, each of a VS Code of
// its own, and take turns whose order is reversed each time. The viewers are those of an earlier window; their hosts do not answer.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  bigTree,
  type BigTree,
  startSilentServer,
  writeBigTree,
  writeBigTreeConfig,
  writeConnections,
} from "../support/bigTree/bigTree.js";
import { listenToTree } from "../support/bigTree/treeTraffic.js";
import { until } from "../support/until.js";
import { openWindow } from "../support/vscode/openWindow.js";
import { median } from "./figures.js";

const repetitions = Number(process.env["TREE_REPETITIONS"] ?? 5);
const hosts = Number(process.env["TREE_HOSTS"] ?? 1_000);
const sessions = Number(process.env["TREE_SESSIONS"] ?? 500);
/** Milliseconds: VS Code writes down what its window shows every five seconds. */
const windowIsSaved = 6_000;
/** Milliseconds that are looked at, and how many of them extensions may take of a processor, where nothing moves any more. */
const restWindow = 2_000;
const atRest = 200;
/** Milliseconds for anything: the machine may be busy. */
const patience = 120_000;
/** Milliseconds after which a click has not led there. */
const clickPatience = 20_000;
/** Opens of one window without loading it anew. */
const again = 4;
const ticksPerSecond = 100;
const firstPort = 12_000;

const pane = '.pane:has(.pane-header[aria-label^="Connections"])';
/** Of an empty tree: what VS Code shows in its place. */
const content = `${pane} .monaco-list-row, ${pane} .welcome-view-content .monaco-button`;

/** Milliseconds from the last click to the frame that shows the tree, by the window's own clock. */
const watchTree = `
  globalThis.treeAt = globalThis.clickedAt = undefined;
  const clicked = () => (globalThis.clickedAt = performance.now());
  addEventListener("pointerdown", clicked, { capture: true });
  const isShown = () => [...document.querySelectorAll(${JSON.stringify(content)})].some((one) => one.checkVisibility());
  const look = () => {
    if (globalThis.clickedAt === undefined || !isShown()) return requestAnimationFrame(look);
    globalThis.treeAt = performance.now();
    removeEventListener("pointerdown", clicked, { capture: true });
  };
  look();
`;

interface Place {
  readonly opened: Awaited<ReturnType<typeof openWindow>>;
  /** Home folder of the person in front of it. */
  readonly laptop: string;
  readonly dataFolder: string;
  /** Missing: nothing. */
  readonly kept: BigTree | undefined;
  readonly first: number[];
  readonly again: number[];
}

const server = await startSilentServer();
const tree = bigTree(hosts, sessions);
const folders: string[] = [];
const load: (number | undefined)[] = [loadavg()[0]];
const places = [await placeWith(undefined), await placeWith(tree)];

async function placeWith(kept: BigTree | undefined): Promise<Place> {
  const laptop = await mkdtemp(join(tmpdir(), "laptop-"));
  folders.push(laptop);
  // An empty tree offers the hosts of ~/.ssh/config: here it has none.
  if (kept) await writeBigTreeConfig(laptop, server);
  const opened = await openWindow({ version: "newest", home: laptop });
  opened.window.page.setDefaultTimeout(patience);
  const dataFolder = join(
    opened.vscode.folder,
    "user-data",
    "User",
    "globalStorage",
    "runicorn.runicorn-remote",
  );
  await writeBigTree(dataFolder, kept ?? { connections: [], sessions: [] });
  return { opened, laptop, dataFolder, kept, first: [], again: [] };
}

const shown = (title: string): string => `.part.sidebar .composite.title:has-text("${title}")`;
const icon = (title: string): string => `.activitybar .action-item:has(> [aria-label^="${title}"])`;

/** @returns milliseconds. */
async function openTree({ opened: { window } }: Place): Promise<number> {
  await window.page.evaluate(`{${watchTree}}`);
  // A click on the icon of a side bar that is shown already hides it.
  await until(
    "the tree is shown",
    async () => {
      await window.page.locator(icon("Runicorn Remote")).click();
      return window.page.waitForFunction("globalThis.treeAt !== undefined", { timeout: clickPatience }).then(
        () => true,
        () => false,
      );
    },
    patience,
  );
  return Number(await window.page.evaluate("globalThis.treeAt - globalThis.clickedAt"));
}

async function leaveTree({ opened: { window } }: Place): Promise<void> {
  await window.showSideBar("Explorer");
  await window.page.locator(shown("Runicorn Remote")).waitFor({ state: "hidden" });
}

/** The first time in a window, and then again in the same. @param at how many turns were before. */
async function turn(place: Place, at: number): Promise<void> {
  const { window } = place.opened;
  if (place.kept) await writeBigTree(place.dataFolder, bigTree(hosts, sessions, firstPort + at * sessions));
  await leaveTree(place);
  await delay(windowIsSaved);
  await window.reload();
  await untilAtRest(place);
  place.first.push(await openTree(place));
  for (let count = 0; count < again; count += 1) {
    await leaveTree(place);
    await untilAtRest(place);
    place.again.push(await openTree(place));
  }
}

/** The viewers of before are there, and extensions have nothing to do. */
async function untilAtRest(place: Place): Promise<void> {
  if (place.kept)
    await place.opened.window.statusBarItem("runicorn.runicorn-remote.runicorn.status").waitFor();
  await until(
    "extensions have nothing to do",
    async () => {
      const before = await extensionSeconds(place);
      await delay(restWindow);
      return ((await extensionSeconds(place)) - before) * 1_000 < atRest;
    },
    patience,
  );
}

/** Seconds of processor time of the programs in which extensions of this VS Code run. */
async function extensionSeconds({ laptop }: Place): Promise<number> {
  let ticks = 0;
  for (const id of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const line = (await readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " ");
    if (!line.includes("--type=extensionHost")) continue;
    const environment = await readFile(`/proc/${id}/environ`, "utf8").catch(() => "");
    if (!environment.includes(`HOME=${laptop}\0`)) continue;
    const stat = await readFile(`/proc/${id}/stat`, "utf8").catch(() => "");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    ticks += Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  }
  return ticks / ticksPerSecond;
}

/** One host is renamed, many times: what the window is told and asks for, and what that costs. */
async function changes(place: Place, count: number): Promise<void> {
  const { window } = place.opened;
  const traffic = listenToTree(window.page, "runicorn.connections");
  await window.reload();
  await window.showSideBar("Runicorn Remote");
  await window.treeItem("Connections", "host-0001").waitFor();
  await untilAtRest(place);
  traffic.reset();
  const before = await extensionSeconds(place);
  for (let at = 0; at < count; at += 1) {
    const name = `renamed ${at}.`;
    await writeConnections(
      place.dataFolder,
      tree.connections.map((one, index) => (index === 1 ? { ...one, name } : one)),
    );
    await window.treeItem("Connections", name).waitFor();
  }
  const milliseconds = ((await extensionSeconds(place)) - before) * 1_000;
  const { refreshes, rows, asked } = traffic.now;
  console.log(
    `\n${count} times one host of ${hosts} was renamed: ${refreshes} events with ${rows.length} rows in all, ` +
      `${asked.length} rows asked for what is below them, ${(milliseconds / count).toFixed(1)} ms of processor time each`,
  );
}

/** Viewers of an earlier window come back while the tree is shown. */
async function restored(place: Place): Promise<void> {
  const { window } = place.opened;
  const traffic = listenToTree(window.page, "runicorn.connections");
  const before = await extensionSeconds(place);
  await window.reload();
  // Not a row: VS Code scrolls to each host that is opened.
  await window.statusBarItem("runicorn.runicorn-remote.runicorn.status").waitFor();
  await until("nothing comes any more", async () => {
    const { refreshes } = traffic.now;
    await delay(2_000);
    return traffic.now.refreshes === refreshes;
  });
  const { refreshes, rows } = traffic.now;
  const seconds = (await extensionSeconds(place)) - before;
  console.log(
    `${sessions} viewers came back: ${refreshes} events with ${rows.length} rows, ${seconds.toFixed(1)} s of processor time`,
  );
}

function row(situation: string, of: (place: Place) => readonly number[]): object {
  const [empty = [], many = []] = places.map(of);
  return {
    situation,
    "empty, ms": median(empty).toFixed(0),
    "many, ms": median(many).toFixed(0),
    ratio: (median(many) / median(empty)).toFixed(2),
    "least, ms": `${Math.min(...empty).toFixed(0)} and ${Math.min(...many).toFixed(0)}`,
  };
}

try {
  for (let count = 0; count < repetitions; count += 1) {
    const order = count % 2 === 0 ? places : places.toReversed();
    for (const place of order) await turn(place, count);
    console.log(`turn ${count + 1}: ${places.map(({ first }) => first.at(-1)?.toFixed(0)).join(" and ")} ms`);
  }
  load.push(loadavg()[0]);
  const [, many] = places;
  if (many) {
    await changes(many, 20);
    await restored(many);
  }
  load.push(loadavg()[0]);
  console.log(`\n${repetitions} turns, load ${load.map((one) => one?.toFixed(0)).join(", ")}`);
  console.table([
    row("opened the first time in a window", ({ first }) => first),
    row("opened again", ({ again: times }) => times),
  ]);
} finally {
  for (const { opened } of places) await opened.dispose();
  server.close();
  for (const folder of folders) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
