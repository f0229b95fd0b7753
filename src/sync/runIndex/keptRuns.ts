import { join } from "node:path";
import { inTurns } from "../../common/async/inTurns.js";
import { readFileIfPresent } from "../../common/files/sharedFile.js";
import { replaceFile } from "../../common/files/replaceFile.js";
import type { Run } from "./run.js";

/*
 * What the small files of very many runs say, kept beside the copy: without it each of them would be read at every start. Each run
 * has the key of the files that it was read from, so whatever is not so any longer is of no use and does no harm: several
 * programs may write it, and the last one counts.
 */

const fileName = "runs.json";
/** Another one for each shape of what is kept. */
const version = 2;
/** Bytes: what is larger was not written by us. */
const largest = 256 * 1024 * 1024;
/** Runs that are put together, or read, before others have their turn. */
const atOnce = 20;
const readAtOnce = 200;

export interface KeptRun {
  readonly key: string;
  readonly run: Run;
  /** That its texts have about; none of the copy's id. */
  readonly characters: number;
}

/** The runs by their folders; none where there is no such file, or it is damaged. */
export async function readKeptRuns(folder: string, syncId: string): Promise<ReadonlyMap<string, KeptRun>> {
  const found = new Map<string, KeptRun>();
  try {
    const bytes = await readFileIfPresent(join(folder, fileName));
    if (!bytes || bytes.length > largest) return found;
    const start = `[${version},\n`;
    if (bytes.toString("latin1", 0, start.length) !== start) return found;
    for await (const some of inTurns(linesFrom(bytes, start.length), readAtOnce)) {
      for (const line of some) {
        // Behind each stands a comma, or the end of the list.
        const one = JSON.parse(line.toString("utf8", 0, line.length - 1)) as unknown;
        const [key, characters, told] = Array.isArray(one) ? (one as unknown[]) : [];
        if (typeof key !== "string" || typeof characters !== "number" || !isRun(told)) continue;
        found.set(told.folder, { key, characters, run: runOf(told, syncId) });
      }
    }
  } catch {
    // It is made anew.
  }
  return found;
}

/** Those that end with a line break, without it. */
function* linesFrom(bytes: Buffer, start: number): Iterable<Buffer> {
  let from = start;
  for (let end = bytes.indexOf(10, from); end >= 0; end = bytes.indexOf(10, from)) {
    yield bytes.subarray(from, end);
    from = end + 1;
  }
}

/** Nobody sees it half written; a line for each, so that it is not read all at once. */
export async function keepRuns(folder: string, runs: Iterable<KeptRun>): Promise<void> {
  await replaceFile(join(folder, fileName), async (file) => {
    await file.writeFile(`[${version}`);
    for await (const some of inTurns(runs, atOnce)) {
      await file.writeFile(some.map(lineOf).join(""));
    }
    await file.writeFile("]\n");
  });
}

function lineOf({ key, characters, run }: KeptRun): string {
  return `,\n[${JSON.stringify(key)},${characters},${JSON.stringify({ ...run, syncId: undefined, sign: undefined })}]`;
}

/** What is not there is not in JSON either. Written out: it is far faster than to join objects. */
function runOf(told: Run, syncId: string): Run {
  return {
    syncId,
    id: told.id,
    folder: told.folder,
    path: told.path,
    project: told.project,
    name: told.name,
    alias: told.alias,
    tags: told.tags,
    status: told.status,
    sign: undefined,
    createdAt: told.createdAt,
    startedAt: told.startedAt,
    endedAt: told.endedAt,
    pid: told.pid,
    hostname: told.hostname,
    bestMetric: told.bestMetric && { ...told.bestMetric, mode: told.bestMetric.mode },
    isDeleted: told.isDeleted,
    isGone: told.isGone,
    damaged: told.damaged,
    summary: told.summary,
    isShortened: told.isShortened,
    assetsCount: told.assetsCount,
    artifactsCreatedCount: told.artifactsCreatedCount,
    artifactsUsedCount: told.artifactsUsedCount,
  };
}

const texts = ["id", "folder", "path", "project", "name", "status", "summary"] as const;
const perhapsTexts = ["alias", "hostname"] as const;
const numbers = ["assetsCount", "artifactsCreatedCount", "artifactsUsedCount"] as const;
const perhapsNumbers = ["createdAt", "startedAt", "endedAt", "pid"] as const;
const truths = ["isDeleted", "isGone", "isShortened"] as const;
const lists = ["tags", "damaged"] as const;

function isRun(told: unknown): told is Run {
  if (typeof told !== "object" || told === null) return false;
  const run = told as Readonly<Record<string, unknown>>;
  const best = run["bestMetric"] as { name?: unknown; value?: unknown } | undefined;
  return (
    texts.every((name) => typeof run[name] === "string") &&
    perhapsTexts.every((name) => run[name] === undefined || typeof run[name] === "string") &&
    numbers.every((name) => typeof run[name] === "number") &&
    perhapsNumbers.every((name) => run[name] === undefined || typeof run[name] === "number") &&
    truths.every((name) => typeof run[name] === "boolean") &&
    lists.every((name) => Array.isArray(run[name])) &&
    (best === undefined || (typeof best.name === "string" && typeof best.value === "number"))
  );
}
