import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { Cluster } from "./cluster.js";

/**
 * What this machine has of a cluster: name spaces, interfaces, routes, processes, mounts and cgroups, a line each.
 * @returns a look at it, which knows the cluster's name spaces also when they have lost their names.
 */
export function remainsOf({ address, folder }: Cluster): () => string[] {
  const number = address.split(".")[2] ?? "";
  const words = (...line: string[]): string[] => execFileSync("ip", line).toString().split("\n");
  const isNamed = (line: string): boolean =>
    new RegExp(String.raw`\brs${number}(?:-|o\b)|\b10\.21[45]\.${number}\.`).test(line);
  const named = (): string[] =>
    [words("netns", "list"), words("-o", "link"), words("route", "show", "table", "all")]
      .flat()
      .filter(isNamed);
  const spaces = new Set(
    processes()
      .filter(({ mounts }) => mounts.includes(folder))
      .map(({ network }) => network),
  );
  const own = readlinkSync("/proc/self/ns/net");
  spaces.delete(own);
  return () => [
    ...named(),
    ...cgroups(number),
    ...processes().flatMap(({ pid, line, network, mounts }) => {
      if (spaces.has(network) || line.includes(folder)) return [`process ${pid}: ${line}`];
      return mounts.includes(folder) ? [`process ${pid} sees a mount: ${line}`] : [];
    }),
  ];
}

/** Empty where another cluster is here: their names are alike. */
function cgroups(number: string): string[] {
  const spaces = execFileSync("ip", ["netns", "list"]).toString();
  const others = [...spaces.matchAll(/^rs(\d+)-login/gm)].filter(([, other]) => other !== number);
  if (others.length > 0) return [];
  return execFileSync("find", ["/sys/fs/cgroup", "-maxdepth", "2", "-name", "slurm_node*"])
    .toString()
    .split("\n")
    .filter(Boolean);
}

interface Seen {
  readonly pid: string;
  readonly line: string;
  readonly network: string;
  readonly mounts: string;
}

function processes(): Seen[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        const network = readlinkSync(`/proc/${pid}/ns/net`);
        return [{ pid, line, network, mounts: readFileSync(`/proc/${pid}/mountinfo`, "utf8") }];
      } catch {
        // It has ended, or is no more than its number.
        return [];
      }
    });
}
