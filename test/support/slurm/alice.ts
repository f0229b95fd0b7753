import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { sampleRuns } from "../runicorn/sampleRuns.js";
import type { Cluster } from "./cluster.js";

/** Writes the sample experiments of alice, who alone may read them. */
export async function writeRunsOfAlice(cluster: Cluster): Promise<void> {
  const home = cluster.homeOf("alice");
  await sampleRuns(join(home, "runs"), join(home, "venvs", "train"), home);
  const owner = await cluster.as("alice", "login", "id -u");
  execFileSync("chown", ["-Rh", `${owner}:${owner}`, home]);
}

/** Lines of `~/.ssh/config` by which alice reaches the login node as `cluster`, and the nodes behind it. */
export function configOfAlice(cluster: Cluster): string {
  return `${[
    "Host cluster",
    `  HostName ${cluster.address}`,
    "  User alice",
    "  IdentitiesOnly yes",
    "  ServerAliveInterval 2",
    "  ServerAliveCountMax 2",
    "Host cluster node1 node2",
    `  IdentityFile ${cluster.keyOf("alice")}`,
  ].join("\n")}\n`;
}
