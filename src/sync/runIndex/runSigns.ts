import { join } from "node:path";
import * as z from "zod";
import { replaceFile } from "../../common/files/replaceFile.js";
import { readFileIfPresent } from "../../common/files/sharedFile.js";
import type { Cache } from "../cache/cache.js";
import type { ProcessState, RemoteFiles, RunProcess } from "../remote/remoteFiles.js";

/** What the host says of a run whose files say that it is running. */
export type RunSign =
  /** Its process is gone: it was killed, or its machine was started again. */
  | { readonly kind: "process-gone" }
  /** It has written nothing for long. @prop since seconds since the epoch by the host's clock. */
  | { readonly kind: "silent"; readonly since: number };

/** A run whose files say that it is running, as the index knows it. */
export interface RunningRun {
  readonly folder: string;
  readonly pid: number | undefined;
  readonly hostname: string | undefined;
}

/** The signs of life of the runs of one copy, kept beside it so that they are known without the host. */
export interface RunSigns {
  of(folder: string): RunSign | undefined;
  /** Grows whenever another sign is known. */
  readonly revision: number;
  /**
   * Asks the host for the processes of these runs and notes what it says.
   * @param hostTime seconds since the epoch by the host's clock.
   */
  look(host: SignSource, runs: readonly RunningRun[], signal: AbortSignal): Promise<void>;
  /** Reads what another program noted. @returns whether that is news. */
  refresh(): Promise<boolean>;
}

export interface SignSource {
  readonly remote: Pick<RemoteFiles, "processes">;
  readonly root: string;
  readonly hostTime: number;
}

const fileName = "signs.json";
const signs = z.record(
  z.string(),
  z.union([
    z.object({ kind: z.literal("process-gone") }),
    z.object({ kind: z.literal("silent"), since: z.number() }),
  ]),
);

/** What a run only ever adds to: whoever changes these is the run. */
const ownFiles = ["events.jsonl", "logs.txt"] as const;
/** Seconds without a word after which a run counts as silent. */
const silence = 3_600;
/** Runs that are asked about in one pass. */
const mostAsked = 1_000;
/** What a process's number may be; another one was never one. */
const largestPid = 2 ** 31 - 1;

/** What a run had written when its process was first found gone, and later. */
interface Watched {
  readonly written: string;
  /** Its last words may come a pass after its end. */
  readonly isSettled: boolean;
  /** It wrote on: its process has another number than its files say, as in a container. */
  readonly writesOn: boolean;
}

/** @param cache the copy, whose folder holds them too. */
export function createRunSigns(cache: Cache): RunSigns {
  const watched = new Map<string, Watched>();
  const file = join(cache.folder, fileName);
  let text = "{}";
  let known: Readonly<Record<string, RunSign>> = {};
  let revision = 0;

  const take = (next: string): boolean => {
    if (next === text) return false;
    text = next;
    known = parsed(next);
    revision += 1;
    return true;
  };

  const signOf = (
    run: RunningRun,
    state: ProcessState | undefined,
    hostTime: number,
  ): RunSign | undefined => {
    if (isGone(run, state)) return { kind: "process-gone" };
    const since = lastWord(cache, run.folder);
    return since !== undefined && hostTime - since > silence ? { kind: "silent", since } : undefined;
  };

  const isGone = ({ folder }: RunningRun, state: ProcessState | undefined): boolean => {
    if (state !== "gone") {
      watched.delete(folder);
      return false;
    }
    const written = writtenBy(cache, folder);
    const before = watched.get(folder);
    const writesOn = before?.writesOn || (before?.isSettled && before.written !== written) || false;
    watched.set(folder, { written, isSettled: before !== undefined, writesOn });
    return !writesOn;
  };

  return {
    get revision() {
      return revision;
    },
    of: (folder) => (Object.hasOwn(known, folder) ? known[folder] : undefined),
    look: async ({ remote, root, hostTime }, runs, signal) => {
      const asked = runs.filter(isAskable).slice(0, mostAsked);
      const states = asked.length > 0 ? await remote.processes(root, asked, signal) : [];
      const stateOf = new Map(asked.map(({ folder }, index) => [folder, states[index]]));
      const found = runs.flatMap((run) => {
        const sign = signOf(run, stateOf.get(run.folder), hostTime);
        return sign ? [[run.folder, sign] as const] : [];
      });
      const next = JSON.stringify(Object.fromEntries(found));
      if (take(next)) await cache.whileWriting(() => replaceFile(file, Buffer.from(next)), signal);
    },
    refresh: async () => {
      const bytes = await readFileIfPresent(file).catch(() => undefined);
      return take(bytes?.toString("utf8") ?? "{}");
    },
  };
}

function isAskable(run: RunningRun): run is RunProcess {
  const { pid, hostname } = run;
  return hostname !== undefined && Number.isInteger(pid) && Number(pid) > 0 && Number(pid) <= largestPid;
}

function parsed(text: string): Readonly<Record<string, RunSign>> {
  try {
    return signs.parse(JSON.parse(text));
  } catch {
    return {};
  }
}

function writtenBy({ manifest }: Cache, folder: string): string {
  return ownFiles.map((name) => JSON.stringify(manifest.get(`${folder}/${name}`)?.seen ?? null)).join();
}

/** Seconds since the epoch by the host's clock. */
function lastWord({ manifest }: Cache, folder: string): number | undefined {
  const times = [...ownFiles, "status.json"].flatMap((name) => {
    const seen = manifest.get(`${folder}/${name}`)?.seen;
    return seen ? [Number(seen.mtime)] : [];
  });
  return times.length > 0 ? Math.max(...times) : undefined;
}
