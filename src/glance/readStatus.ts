import { decodeBytes } from "../common/text/bytes.js";
import { tellingLine } from "../common/text/tellingLine.js";
import { type FoundGpus, numberIn, readNvidia, readRocm } from "./readGpus.js";
import type { Disk, HostProcess, HostStatus, Memory, ToolTrouble } from "./status.js";

/** Maximum characters of a tool's error message, and of a name. */
const longestSaid = 200;
const longestName = 255;
/** Maximum number of processes: the `ps` of busybox lists all. */
const mostProcesses = 4_096;

interface Answer {
  readonly went: string;
  readonly said: string;
}
type Answers = ReadonlyMap<string, Answer>;

/** Parses the answers of `status.sh`. Truncated and malformed answers count as missing. */
export function readStatus(output: Buffer): HostStatus {
  const answers = readAnswers(output);
  const said = (name: string): string => answers.get(name)?.said ?? "";
  const cores = numberIn(said("cores").trim(), 1, 1_000_000);
  const processes = readProcesses(said("processes"), numberIn(said("time").trim(), 0, 2 ** 40));
  const nvidia = readNvidia(said("nvidia"), said("nvidia-processes"), processes);
  const rocm = readRocm(said("rocm"), processes);
  return {
    name: nameIn(said("name")),
    system: nameIn(said("system")),
    cores,
    coreLimit: coreLimitOf(said("limits"), cores),
    load: loadOf(said("load")),
    memory: memoryOf(answers),
    disks: disksOf(answers),
    gpus: [...nvidia.gpus, ...rocm.gpus],
    otherGpuProcesses: [...nvidia.others, ...rocm.others],
    isShortened: nvidia.isShortened || rocm.isShortened,
    gpuTrouble: [
      ...troubleOf("nvidia-smi", answers.get("nvidia"), nvidia),
      ...troubleOf("rocm-smi", answers.get("rocm"), rocm),
    ],
    processes,
    stuck: stuckOf(answers),
  };
}

/** Maximum number of answers: a host could send millions. */
const mostAnswers = 64;

function readAnswers(output: Buffer): Answers {
  const found = new Map<string, Answer>();
  let fields: string[] = [];
  for (let start = 0; found.size < mostAnswers;) {
    const end = output.indexOf(0, start);
    if (end < 0) return found;
    fields.push(decodeBytes(output.subarray(start, end)));
    start = end + 1;
    const [name, went, said] = fields;
    if (name === undefined || went === undefined || said === undefined) continue;
    found.set(name, { went, said });
    fields = [];
  }
  return found;
}

function nameIn(text: string): string | undefined {
  return text.trim().slice(0, longestName) || undefined;
}

/** `3.10 2.00 1.50 …` of Linux, `{ 3.10 2.00 1.50 }` of macOS. */
function loadOf(text: string): HostStatus["load"] {
  const [one, five, fifteen] = (text.slice(0, 200).match(/\d{1,9}[.,]\d{1,4}/g) ?? []).map((number) =>
    Number(number.replace(",", ".")),
  );
  return one === undefined || five === undefined || fifteen === undefined ? undefined : [one, five, fifteen];
}

function memoryOf(answers: Answers): Memory | undefined {
  const machine = linuxMemory(answers.get("meminfo")?.said ?? "") ?? macMemory(answers);
  const limits = linesOf(answers.get("limits")?.said ?? "", "memory").flatMap(([limit, used, cache]) => {
    const total = numberIn(limit, 1, Number.MAX_SAFE_INTEGER);
    const taken = numberIn(used, 0, Number.MAX_SAFE_INTEGER);
    if (total === undefined || taken === undefined) return [];
    // The page cache is reclaimed when memory is needed.
    const inUse = Math.max(0, taken - (numberIn(cache, 0, taken) ?? 0));
    return [{ total, available: Math.max(0, total - inUse), isLimit: true }];
  });
  const tighter = limits.filter(({ total }) => !machine || total < machine.total);
  const all = [...tighter, ...(machine ? [machine] : [])];
  return all.sort((a, b) => a.available - b.available || a.total - b.total)[0];
}

function linuxMemory(meminfo: string): Memory | undefined {
  const total = figureIn(meminfo, "MemTotal");
  // Kernels before 3.14 have no MemAvailable.
  const available = figureIn(meminfo, "MemAvailable") ?? figureIn(meminfo, "MemFree");
  if (total === undefined || total === 0 || available === undefined) return undefined;
  return { total: total * 1024, available: Math.min(available, total) * 1024, isLimit: false };
}

/** The number after `NAME:` at the beginning of a line. */
function figureIn(text: string, name: string): number | undefined {
  const line = text.split("\n", 200).find((one) => one.startsWith(`${name}:`));
  const [, figure] = /: +(\d{1,15})(?!\d)/.exec(line ?? "") ?? [];
  return figure === undefined ? undefined : Number(figure);
}

function macMemory(answers: Answers): Memory | undefined {
  const total = numberIn((answers.get("memsize")?.said ?? "").trim(), 1, Number.MAX_SAFE_INTEGER);
  const told = answers.get("vm_stat")?.said ?? "";
  const [, size] = /page size of (\d{1,9}) bytes/.exec(told) ?? [];
  if (total === undefined || size === undefined) return undefined;
  const kinds = ["free", "inactive", "speculative", "purgeable"];
  const pages = kinds.reduce((sum, kind) => sum + (figureIn(told, `Pages ${kind}`) ?? 0), 0);
  return { total, available: Math.min(total, pages * Number(size)), isLimit: false };
}

/** The rest of each line that begins with this word, split into words. */
function linesOf(text: string, word: string): string[][] {
  return text
    .split("\n", 100)
    .map((line) => line.trim().split(/\s+/))
    .filter(([first]) => first === word)
    .map(([, ...rest]) => rest);
}

function coreLimitOf(limits: string, cores: number | undefined): number | undefined {
  const allowed = linesOf(limits, "cpu").flatMap(([quota, period]) => {
    const [time, of] = [numberIn(quota, 1, 1e15), numberIn(period, 1, 1e15)];
    return time === undefined || of === undefined ? [] : [time / of];
  });
  const least = Math.min(...allowed);
  return least < (cores ?? Infinity) ? least : undefined;
}

function disksOf(answers: Answers): Disk[] {
  const disks: Disk[] = [];
  for (let index = 0; ; index += 1) {
    const answer = answers.get(`disk${index}`);
    if (!answer) return disks;
    disks.push({ space: spaceOf(answer.said), isLate: isLate(answer) });
  }
}

/** Parses the last line of `df -Pk`. The names of file system and folder may contain spaces. */
function spaceOf(text: string): Disk["space"] {
  const [, total, available] = /\s(\d{1,15}) +\d{1,15} +(-?\d{1,15}) +\d{1,15}% /.exec(lastLine(text)) ?? [];
  if (total === undefined || Number(total) === 0) return undefined;
  const free = Math.min(Math.max(0, Number(available)), Number(total));
  return { total: Number(total) * 1024, available: free * 1024 };
}

function lastLine(text: string): string {
  const lines = text.trimEnd();
  return lines.slice(lines.lastIndexOf("\n") + 1);
}

function isLate({ went }: Answer): boolean {
  return went === "late" || went.startsWith("stuck");
}

function troubleOf(
  tool: ToolTrouble["tool"],
  answer: Answer | undefined,
  { gpus }: FoundGpus,
): ToolTrouble[] {
  if (!answer || answer.went === "missing") return [];
  if (isLate(answer)) return [{ tool, kind: "late", said: "" }];
  if (gpus.length > 0) return [];
  return [{ tool, kind: "failed", said: tellingLine(answer.said).trim().slice(0, longestSaid) }];
}

/**
 * Parses lines `PID PARENT AGE ACCOUNT NAME`, the age as `[[DAYS-]HOURS:]MINUTES:SECONDS` or missing.
 * @param now seconds since the epoch by the host's clock.
 */
function readProcesses(text: string, now: number | undefined): ReadonlyMap<number, HostProcess> {
  const found = new Map<number, HostProcess>();
  const pattern = /^ *(\d{1,10}) +(\d{1,10}) +(?:([\d:-]{4,20}) +)?(\S{1,255}) +(.{0,255})/;
  for (const line of text.split("\n", mostProcesses)) {
    const [, pid, parent, age, user = "", name = ""] = pattern.exec(line) ?? [];
    if (pid === undefined) continue;
    const seconds = age === undefined ? undefined : secondsOf(age);
    const beganAt = now === undefined || seconds === undefined ? undefined : now - seconds;
    found.set(Number(pid), { parent: Number(parent), user, name: name.trim(), beganAt });
  }
  return found;
}

function secondsOf(age: string): number | undefined {
  const [, days = 0, hours = 0, minutes, seconds] =
    /^(?:(?:(\d{1,6})-)?(\d{1,4}):)?(\d{1,4}):(\d\d)$/.exec(age) ?? [];
  if (minutes === undefined) return undefined;
  return ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
}

/** The tools to pass over next time. A driver that hangs does so in every query of the same tool. */
function stuckOf(answers: Answers): string {
  return [...answers]
    .flatMap(([name, { went }]) => {
      const [, pid] = /^stuck (\d{1,10})$/.exec(went) ?? [];
      return pid === undefined || !/^[a-z_\d-]+$/.test(name)
        ? []
        : [`${name.replace(/-processes$/, "")}=${pid}`];
    })
    .join(" ");
}
