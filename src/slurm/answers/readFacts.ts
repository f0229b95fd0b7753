import type { Partition, SlurmFacts } from "../model/facts.js";
import { readDuration } from "./readQueue.js";

/** Where Slurm's commands are installed on a login node. */
export interface SlurmPlace {
  /** Absolute path of a folder. */
  readonly bin: string;
  /** Absolute path of `slurm.conf`, if start-up files of the login shell set SLURM_CONF. */
  readonly configuration: string | undefined;
}

/** Maximum number of lines of each kind. */
const most = 200;

/** Reads what `detect.sh` prints. */
export function readFacts(text: string): {
  readonly facts: SlurmFacts;
  readonly place: SlurmPlace | undefined;
} {
  const lines = text.split("\n");
  const all = (key: string): string[] =>
    lines
      .filter((line) => line.startsWith(`${key} `))
      .slice(0, most)
      .map((line) => line.slice(key.length + 1));
  const [bin] = all("bin");
  if (bin === undefined || !isPath(bin)) return { facts: { kind: "absent" }, place: undefined };
  const [configuration] = all("conf");
  const [version = ""] = all("version");
  const accounts = all("account").map((line) => line.split("|"));
  return {
    place: {
      bin,
      configuration: configuration !== undefined && isPath(configuration) ? configuration : undefined,
    },
    facts: {
      kind: "present",
      version:
        version
          .slice(0, 100)
          .split(" ")
          .find((word) => /^\d{1,4}\./.test(word)) ?? "",
      hasOverlap: all("overlap").length > 0,
      partitions: mergedByName(all("partition").flatMap((line) => readPartition(line) ?? [])),
      accounts: unique(accounts.map(([name = ""]) => name)),
      qos: unique(accounts.flatMap(([, qos = ""]) => qos.split(","))),
      isAnswering: all("answers").length > 0,
    },
  };
}

function isPath(text: string): boolean {
  return text.startsWith("/") && text.length < 1000 && !/[\u0000-\u001f:]/.test(text);
}

function readPartition(line: string): Partition | undefined {
  const [name = "", available = "", limit = "", nodes = "", gres = ""] = line.split("|");
  const bare = name.replace(/\*$/, "");
  if (!/^[\w.+-]{1,100}$/.test(bare)) return undefined;
  const seconds = readDuration(limit);
  return {
    name: bare,
    isDefault: name.endsWith("*"),
    isUp: available === "up",
    mostMinutes: seconds === undefined ? undefined : Math.floor(seconds / 60),
    nodes: Number(/^\d{1,9}$/.exec(nodes)?.[0] ?? 0),
    gres: gres === "(null)" ? "" : gres.slice(0, most),
  };
}

/** sinfo prints a line for each node configuration of a partition. */
function mergedByName(all: readonly Partition[]): Partition[] {
  const merged = new Map<string, Partition>();
  for (const one of all) {
    const before = merged.get(one.name);
    const gres = unique([before?.gres ?? "", one.gres]).join(",");
    merged.set(one.name, { ...one, nodes: one.nodes + (before?.nodes ?? 0), gres });
  }
  return [...merged.values()];
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)].filter((name) => name !== "").slice(0, most);
}
