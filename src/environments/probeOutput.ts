import { posix } from "node:path";
import { decodeBytes } from "../common/text/bytes.js";
import { displayText } from "../common/text/displayText.js";
import { tellingLine } from "../common/text/tellingLine.js";
import type { EnvironmentKind, HostEnvironments, PythonEnvironment } from "./environment.js";

/** Characters kept of a broken interpreter's output. */
const longestProblem = 500;
/** Maximum number of environments: finding unique names is quadratic. */
const mostEnvironments = 500;

interface Probe {
  home: string;
  variable: string;
  configuration: string;
  readonly found: Omit<PythonEnvironment, "name">[];
  complete: boolean;
}

/** Parses the records of `probe.sh`. Drops a truncated record; the result is then marked incomplete. */
export function readProbe(output: Buffer, probedAt: number): HostEnvironments {
  const fields = splitAtNul(output);
  const probe: Probe = { home: "", variable: "", configuration: "", found: [], complete: false };
  for (let index = 0; index < fields.length;) {
    const length = recordLength[fields[index] ?? ""];
    if (length === undefined || index + length > fields.length) break;
    readRecord(fields.slice(index, index + length), probe);
    index += length;
  }
  return {
    environments: inOrder(withNames(probe.found, probe.home)),
    home: probe.home,
    ...storageRootOf(probe),
    complete: probe.complete,
    probedAt,
  };
}

/** Fields of a record, its letter included. */
const recordLength: Readonly<Record<string, number>> = { H: 4, E: 7, O: 2, C: 2 };

function splitAtNul(output: Buffer): string[] {
  const fields: string[] = [];
  for (let start = 0; start < output.length;) {
    const end = output.indexOf(0, start);
    if (end < 0) break;
    fields.push(decodeBytes(output.subarray(start, end)));
    start = end + 1;
  }
  return fields;
}

function readRecord([letter = "", ...values]: readonly string[], probe: Probe): void {
  const [first = "", second = "", third = "", fourth = "", fifth = "", sixth = ""] = values;
  switch (letter) {
    case "H":
      Object.assign(probe, { home: first, variable: second, configuration: third });
      return;
    case "C":
      probe.complete = first === "1";
      return;
    case "O":
      if (probe.found.at(-1)?.python === first)
        probe.found.push(...probe.found.splice(-1).map((one) => ({ ...one, isOthers: true })));
      return;
    case "E":
      if (!isKind(first) || probe.found.length === mostEnvironments) return;
      probe.found.push({
        kind: first,
        python: second,
        prefix: third,
        pythonVersion: fourth || undefined,
        runicornVersion: fifth || undefined,
        problem: sixth ? displayText(tellingLine(sixth)).slice(0, longestProblem) : undefined,
      });
  }
}

const kinds: readonly string[] = [
  "conda",
  "venv",
  "virtualenv",
  "uv",
  "pixi",
  "poetry",
  "pipenv",
  "pyenv",
  "system",
  "custom",
] satisfies EnvironmentKind[];

function isKind(text: string): text is EnvironmentKind {
  return kinds.includes(text);
}

/** Names each after its folder, with as many parent folders as needed to be unique. */
function withNames(found: readonly Omit<PythonEnvironment, "name">[], home: string): PythonEnvironment[] {
  const candidates = found.map((environment) => namesFor(environment, home));
  return found.map((environment, index) => {
    const own = candidates[index] ?? [];
    const isUnique = (name: string): boolean =>
      candidates.every((others, other) => other === index || !others.includes(name));
    return { ...environment, name: own.find(isUnique) ?? environment.python };
  });
}

/** Candidates, shortest first. */
function namesFor({ kind, prefix, python }: Omit<PythonEnvironment, "name">, home: string): string[] {
  const base = posix.basename(prefix);
  if (kind === "custom") return [python];
  if (kind === "system") return [posix.basename(python), python];
  const isRoot = kind === "conda" && posix.basename(posix.dirname(prefix)) !== "envs";
  const parent = `${posix.basename(posix.dirname(prefix))}/${base}`;
  const fromHome = prefix.startsWith(`${home}/`) ? `~${prefix.slice(home.length)}` : prefix;
  if (isRoot) return ["base", base, fromHome];
  const generic = /^\.?v?env$/.test(base);
  return generic ? [parent, fromHome] : [base, parent, fromHome];
}

/** Usable ones with Runicorn first, then those without, broken ones last; each group by kind and name. */
export function inOrder(environments: readonly PythonEnvironment[]): PythonEnvironment[] {
  const group = ({ problem, runicornVersion }: PythonEnvironment): number =>
    problem !== undefined ? 2 : runicornVersion === undefined ? 1 : 0;
  return [...environments].sort(
    (a, b) =>
      group(a) - group(b) ||
      kinds.indexOf(a.kind) - kinds.indexOf(b.kind) ||
      a.name.localeCompare(b.name, "en"),
  );
}

function storageRootOf({
  variable,
  configuration,
  home,
}: Probe): Pick<HostEnvironments, "storageRoot" | "storageRootSource"> {
  if (variable) return { storageRoot: variable, storageRootSource: "environment-variable" };
  const configured = userRootDir(configuration);
  if (configured === undefined) return { storageRoot: undefined, storageRootSource: "none" };
  const storageRoot = configured.replace(/^~(?=\/|$)/, () => home);
  return { storageRoot, storageRootSource: "user-configuration" };
}

/** Reads `user_root_dir` from Runicorn's user configuration. Ignores invalid JSON. */
function userRootDir(text: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null || !("user_root_dir" in parsed)) return undefined;
    return typeof parsed.user_root_dir === "string" && parsed.user_root_dir !== ""
      ? parsed.user_root_dir
      : undefined;
  } catch {
    return undefined;
  }
}
