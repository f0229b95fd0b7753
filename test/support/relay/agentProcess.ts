import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sshd } from "../sshd.js";
import { peerKey } from "./peer.js";

/** The agent as a program of its own, which is killed and started again with the same data folder. */
export interface AgentProcess {
  start(): void;
  /** Resolves when it is gone. */
  kill(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
  /** What is in its journal. */
  journal(): Promise<string>;
  dispose(): Promise<void>;
}

/** Three commands at once: the others wait. @param url the main server's. */
export async function createAgentProcess(url: string, host: Sshd): Promise<AgentProcess> {
  const data = await mkdtemp(join(tmpdir(), "relay-"));
  const key = join(data, "key");
  await writeFile(key, peerKey);
  const to = ["--url", url, "--proxy-id", "proxy-1", "--api-key-file", key, "--data", data];
  const may = ["--allow-host", "127.0.0.1", "--accept-host-key", host.hostKey.fingerprint, "--limit", "3"];
  const start = () =>
    spawn(process.execPath, ["dist/headless.js", "relay", ...to, ...may], { stdio: "ignore" });
  let child: ReturnType<typeof start> | undefined;
  const kill: AgentProcess["kill"] = async (signal) => {
    if (!child) return;
    child.kill(signal);
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    child = undefined;
  };
  return {
    start: () => (child = start()),
    kill,
    journal: async () => {
      const folder = join(data, "relay");
      const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".journal"));
      return (await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")))).join("");
    },
    dispose: async () => {
      await kill("SIGKILL");
      await rm(data, { recursive: true });
    },
  };
}
