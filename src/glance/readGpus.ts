import type { Gpu, GpuProcess, HostProcess } from "./status.js";

/** Maximum numbers of GPUs, and of processes on them. */
const mostGpus = 64;
const mostGpuProcesses = 256;
/** Maximum characters of a name. */
const longestName = 80;

export interface FoundGpus {
  readonly gpus: readonly Gpu[];
  readonly others: readonly GpuProcess[];
  readonly isShortened: boolean;
}

/** Parses two answers of nvidia-smi: `index, uuid, use, used, total, temperature, name` and `uuid, pid, used, name`. */
export function readNvidia(
  list: string,
  apps: string,
  processes: ReadonlyMap<number, HostProcess>,
): FoundGpus {
  const rows = rowsOf(list, 7, mostGpus).filter(([index = ""]) => /^\d{1,6}$/.test(index));
  const found = rowsOf(apps, 4, mostGpuProcesses).flatMap(([uuid = "", pid, used, name = ""]) => {
    const process = processOf(pid, name, bytesOf(used, mebibyte), processes);
    return process ? [{ uuid, process }] : [];
  });
  const known = new Set(rows.map(([, uuid]) => uuid));
  const gpus = rows.map(([index = "", uuid, use, used, total, temperature, name = ""]): Gpu => ({
    index,
    name: name.slice(0, longestName),
    use: numberIn(use, 0, 100),
    memory: memoryOf(bytesOf(used, mebibyte), bytesOf(total, mebibyte)),
    temperature: numberIn(temperature, -100, 1_000),
    processes: found.filter((one) => one.uuid === uuid).map(({ process }) => process),
  }));
  return {
    gpus,
    // MIG instances have UUIDs of their own.
    others: gpus.length > 0 ? found.filter(({ uuid }) => !known.has(uuid)).map(({ process }) => process) : [],
    isShortened: hasMore(list, mostGpus) || hasMore(apps, mostGpuProcesses),
  };
}

/** Parses the JSON of rocm-smi, whose keys differ between versions. It does not say which GPU a process uses. */
export function readRocm(text: string, processes: ReadonlyMap<number, HostProcess>): FoundGpus {
  const cards = Object.entries(objectIn(text)).flatMap(([card, facts]) => {
    const [, index] = /^card(\d{1,6})$/.exec(card) ?? [];
    return index !== undefined && isObject(facts) ? [{ index, facts }] : [];
  });
  const { system } = objectIn(text);
  const told = Object.entries(isObject(system) ? system : {}).filter(([name]) => /^PID\d+$/.test(name));
  return {
    gpus: cards.slice(0, mostGpus).map(({ index, facts }): Gpu => ({
      index,
      name: textOf(facts, /^card (series|model)$/i).slice(0, longestName),
      use: numberIn(textOf(facts, /^gpu use \(%\)$/i), 0, 100),
      memory: memoryOf(
        bytesOf(textOf(facts, /^vram total used memory \(b\)$/i), 1),
        bytesOf(textOf(facts, /^vram total memory \(b\)$/i), 1),
      ),
      temperature: numberIn(textOf(facts, /^temperature \(sensor (edge|junction)\) \(c\)$/i), -100, 1_000),
      processes: [],
    })),
    others: told.slice(0, mostGpuProcesses).flatMap(([pid, said]) => {
      const [name = "", , used] = String(said).split(", ");
      return processOf(pid.slice(3), name, bytesOf(used, 1), processes) ?? [];
    }),
    isShortened: cards.length > mostGpus || told.length > mostGpuProcesses,
  };
}

const mebibyte = 1024 * 1024;

/** Splits the first lines into so many columns; the last one may contain commas. Skips lines with fewer columns. */
function rowsOf(text: string, columns: number, most: number): string[][] {
  return text
    .split("\n", most)
    .map((line) => line.trim().split(", "))
    .filter((cells) => cells.length >= columns)
    .map((cells) => [...cells.slice(0, columns - 1), cells.slice(columns - 1).join(", ")]);
}

function hasMore(text: string, most: number): boolean {
  return text.trimEnd().split("\n", most + 1).length > most;
}

function processOf(
  pid: string | undefined,
  name: string,
  memory: number | undefined,
  processes: ReadonlyMap<number, HostProcess>,
): GpuProcess | undefined {
  const number = numberIn(pid, 1, 2 ** 31);
  if (number === undefined) return undefined;
  const known = processes.get(number);
  const path = known?.name ?? name;
  const short = path.slice(path.lastIndexOf("/") + 1).slice(0, longestName);
  return { pid: number, name: short, memory, user: known?.user };
}

function memoryOf(used: number | undefined, total: number | undefined): Gpu["memory"] {
  return used === undefined || total === undefined || total === 0 || used > total
    ? undefined
    : { used, total };
}

function bytesOf(text: string | undefined, unit: number): number | undefined {
  const value = numberIn(text, 0, Number.MAX_SAFE_INTEGER / unit);
  return value === undefined ? undefined : Math.round(value * unit);
}

/** Parses a number; undefined for others, such as `[N/A]`, and if out of range. */
export function numberIn(text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined || !/^-?\d{1,20}(\.\d{1,20})?$/.test(text)) return undefined;
  const value = Number(text);
  return value >= least && value <= most ? value : undefined;
}

function textOf(facts: Readonly<Record<string, unknown>>, name: RegExp): string {
  const [, value] = Object.entries(facts).find(([key]) => name.test(key)) ?? [];
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** Skips warnings before the JSON. */
function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text.slice(Math.max(0, text.indexOf("{"))));
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
