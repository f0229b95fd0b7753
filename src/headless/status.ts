import * as l10n from "@vscode/l10n";
import type { App } from "../app.js";
import { displayText } from "../common/text/displayText.js";
import { asciiJson } from "../common/text/json.js";
import type { GpuProcess, HostStatus } from "../glance/status.js";
import { gpuCells, gpuHeadings, gpuNotes, machineFacts } from "../messages/glance/hostStatusWords.js";
import type { Connection } from "../ssh/model/connection.js";
import { tableLines } from "./output.js";

/** Prints the load of a host once. @param root the folder whose disk is shown; undefined: the home folder. */
export async function printStatus(
  app: App,
  connection: Connection,
  { json, root }: { readonly json: boolean; readonly root?: string | undefined },
): Promise<void> {
  const roots = root === undefined ? [] : [root];
  const status = await app.glances.look(connection, roots);
  const text = json ? asciiJson(asJson(connection.id, status, roots)) : asLines(status, roots).join("\n");
  process.stdout.write(`${text}\n`);
}

function asLines(status: HostStatus, roots: readonly string[]): string[] {
  const { name, system, gpus } = status;
  const facts = [{ label: l10n.t("Host"), value: displayText([name, system].filter(Boolean).join(", ")) }];
  const lines = [...facts, ...machineFacts(status, roots)].map(({ label, value }) => `${label}: ${value}`);
  const table = gpus.length === 0 ? [] : tableLines([gpuHeadings(), ...gpus.map(gpuCells)]);
  return [...lines, ...table, ...gpuNotes(status)];
}

function asJson(connectionId: string, status: HostStatus, roots: readonly string[]) {
  const { name, system, cores, coreLimit, load, memory, disks, gpus, gpuTrouble } = status;
  return {
    connection: connectionId,
    hostname: name ?? null,
    system: system ?? null,
    cores: cores ?? null,
    core_limit: coreLimit ?? null,
    load: load ?? null,
    memory: memory
      ? { total_bytes: memory.total, available_bytes: memory.available, is_limit: memory.isLimit }
      : null,
    disks: disks.map(({ space, isLate }, index) => ({
      root: roots[index] ?? null,
      total_bytes: space?.total ?? null,
      available_bytes: space?.available ?? null,
      late: isLate,
    })),
    gpus: gpus.map((gpu) => ({
      index: gpu.index,
      name: gpu.name,
      use_percent: gpu.use ?? null,
      memory_total_bytes: gpu.memory?.total ?? null,
      memory_used_bytes: gpu.memory?.used ?? null,
      temperature_celsius: gpu.temperature ?? null,
      processes: gpu.processes.map(processAsJson),
    })),
    other_gpu_processes: status.otherGpuProcesses.map(processAsJson),
    shortened: status.isShortened,
    gpu_trouble: gpuTrouble.map(({ tool, kind, said }) => ({ tool, kind, said })),
  };
}

function processAsJson({ pid, name, user, memory }: GpuProcess) {
  return { pid, name, user: user ?? null, memory_bytes: memory ?? null };
}
