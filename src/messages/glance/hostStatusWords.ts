import * as l10n from "@vscode/l10n";
import { displayText } from "../../common/text/displayText.js";
import { sizeText } from "../../common/text/sizeText.js";
import { type Gpu, type GpuProcess, type HostStatus, isBusy, type ToolTrouble } from "../../glance/status.js";

/** A fact about a host, with a label. */
export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** Summarizes a host: busy GPUs and load. Empty if both are unknown. */
export function busyText({ gpus, load }: HostStatus): string {
  const busy = gpus.filter(isBusy).length;
  const parts = [
    ...(gpus.length > 0 ? [l10n.t("{0} of {1} GPUs busy", busy, gpus.length)] : []),
    ...(load ? [l10n.t("load {0}", numberText(load[0]))] : []),
  ];
  return parts.join(" · ");
}

/** Returns load, memory and disks. @param roots whose disks were queried. */
export function machineFacts(status: HostStatus, roots: readonly string[]): Fact[] {
  return [
    { label: l10n.t("Load (1, 5 and 15 min)"), value: loadText(status) },
    { label: l10n.t("Memory"), value: memoryText(status) },
    ...status.disks.map(({ space, isLate }, index) => ({
      label:
        roots[index] === undefined ? l10n.t("Home disk") : l10n.t("Disk of {0}", displayText(roots[index])),
      value: space
        ? l10n.t("{0} of {1} free", sizeText(space.available), sizeText(space.total))
        : isLate
          ? l10n.t("did not answer in time")
          : unknown(),
    })),
  ];
}

function loadText({ load, cores, coreLimit }: HostStatus): string {
  if (!load) return unknown();
  const numbers = load.map(numberText).join(", ");
  if (cores === undefined) return numbers;
  return coreLimit === undefined
    ? l10n.t("{0} on {1} cores", numbers, cores)
    : l10n.t("{0} on {1} cores, of which {2} may be used", numbers, cores, numberText(coreLimit));
}

function memoryText({ memory }: HostStatus): string {
  if (!memory) return unknown();
  const [used, total] = [sizeText(memory.total - memory.available), sizeText(memory.total)];
  return memory.isLimit
    ? l10n.t("{0} of the allowed {1} used", used, total)
    : l10n.t("{0} of {1} used", used, total);
}

/** The column headings for {@link gpuCells}. */
export function gpuHeadings(): string[] {
  return [
    l10n.t("GPU"),
    l10n.t("Model"),
    l10n.t("Use"),
    l10n.t("Memory"),
    l10n.t("Temperature"),
    l10n.t("Processes"),
  ];
}

export function gpuCells({ index, name, use, memory, temperature, processes }: Gpu): string[] {
  return [
    index,
    displayText(name),
    use === undefined ? unknown() : `${numberText(use)}\u00a0%`,
    memory ? `${sizeText(memory.used)} / ${sizeText(memory.total)}` : unknown(),
    temperature === undefined ? unknown() : `${Math.round(temperature)}\u00a0°C`,
    processes.map(processText).join(", ") || l10n.t("none"),
  ];
}

/** Describes a GPU process with its user. */
function processText({ pid, name, user, memory }: GpuProcess): string {
  const program = `${displayText(name)} ${pid}`;
  const what = memory === undefined ? program : `${program}, ${sizeText(memory)}`;
  return user === undefined ? l10n.t("unknown account ({0})", what) : `${displayText(user)} (${what})`;
}

/** Says what is unknown about the GPUs, and why. */
export function gpuNotes({ gpus, gpuTrouble, otherGpuProcesses, isShortened }: HostStatus): string[] {
  return [
    ...gpuTrouble.map(troubleText),
    ...(gpus.length === 0 && gpuTrouble.length === 0
      ? [l10n.t("No GPU: nvidia-smi and rocm-smi are missing.")]
      : []),
    ...(otherGpuProcesses.length > 0
      ? [l10n.t("On an unknown GPU: {0}", otherGpuProcesses.slice(0, 16).map(processText).join(", "))]
      : []),
    ...(isShortened ? [l10n.t("There are more GPUs or processes than are shown.")] : []),
  ];
}

function troubleText({ tool, kind, said }: ToolTrouble): string {
  if (kind === "late") return l10n.t("{0} did not answer in time.", tool);
  return said === ""
    ? l10n.t("{0} reports no GPU.", tool)
    : l10n.t("{0} reports no GPU: {1}", tool, displayText(said));
}

function unknown(): string {
  return l10n.t("unknown");
}

/** Rounds to few digits. */
function numberText(value: number): string {
  return String(Number(value.toFixed(value < 10 ? 1 : 0)));
}
