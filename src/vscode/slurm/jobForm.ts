import * as l10n from "@vscode/l10n";
import { displayText } from "../../common/text/displayText.js";
import { Failure } from "../../common/failure.js";
import { describeFailure } from "../../messages/describeFailure.js";
import { spanText } from "../../messages/slurm/jobTimes.js";
import { sbatchOptions } from "../../slurm/answers/sbatchOptions.js";
import type { Partition, SlurmFacts } from "../../slurm/model/facts.js";
import { type JobRequest, usualRequest } from "../../slurm/model/jobRequest.js";
import { memoryInput, readCount, readMemory, readTime, timeInput } from "./amounts.js";

/** A field of a job request. */
export type JobField = (typeof jobFields)[number];
export const jobFields = [
  "partition",
  "minutes",
  "cpus",
  "memory",
  "gpus",
  "account",
  "qos",
  "options",
] as const;

export type Cluster = Extract<SlurmFacts, { kind: "present" }>;

const mostCpus = 4_096;
const longestText = 1_000;

/** The default request: as much as a viewer needs, and no longer than the partition allows. */
export function firstRequest(facts: Pick<Cluster, "partitions">): JobRequest {
  const most = partitionOf(usualRequest, facts)?.mostMinutes;
  return most !== undefined && most < usualRequest.minutes
    ? { ...usualRequest, minutes: most }
    : usualRequest;
}

/** The partition of a job; undefined if unknown. */
function partitionOf(
  { partition }: JobRequest,
  { partitions }: Pick<Cluster, "partitions">,
): Partition | undefined {
  return partitions.find(({ name, isDefault }) => (partition === undefined ? isDefault : name === partition));
}

/** A summary of a request, in one line. */
export function requestText(request: JobRequest, facts: Pick<Cluster, "partitions">): string {
  const { gpus, account, qos, options } = request;
  const name = partitionOf(request, facts)?.name ?? request.partition;
  return [
    ...(name === undefined ? [] : [displayText(name)]),
    ...(["minutes", "cpus", "memory"] as const).map((field) => valueText(field, request, facts)),
    gpus === undefined ? l10n.t("no GPU") : l10n.t("GPUs: {0}", displayText(gpus)),
    ...[account, qos, options].flatMap((text) => (text === undefined ? [] : [displayText(text)])),
  ].join(" · ");
}

/** The text of a field's value, or of its default. */
export function valueText(field: JobField, request: JobRequest, facts: Pick<Cluster, "partitions">): string {
  const { minutes, cpus = 1, memory } = request;
  switch (field) {
    case "partition": {
      const name = partitionOf(request, facts)?.name ?? request.partition;
      return name === undefined ? l10n.t("the cluster's default") : displayText(name);
    }
    case "minutes":
      return spanText(minutes * 60);
    case "cpus":
      return cpus === 1 ? l10n.t("1 CPU") : l10n.t("{0} CPUs", cpus);
    case "memory":
      return memory === undefined ? l10n.t("the cluster's default memory") : memoryInput(memory);
    case "gpus":
      return request.gpus === undefined ? l10n.t("none") : displayText(request.gpus);
    case "account":
    case "qos": {
      const text = request[field];
      return text === undefined ? l10n.t("the cluster's default") : displayText(text);
    }
    case "options":
      return request.options === undefined ? l10n.t("none") : displayText(request.options);
  }
}

/** The hint for entering a field. */
export function fieldHint(field: JobField): string {
  switch (field) {
    case "partition":
      return l10n.t("As sinfo lists it. Empty: the cluster's default.");
    case "minutes":
      return l10n.t(
        "For example 2 h, 90 min, 1 d 12 h, or as Slurm writes it. The viewer ends with the job.",
      );
    case "cpus":
      return l10n.t("One is enough for a viewer.");
    case "memory":
      return l10n.t("For example 1 GB. A viewer takes about 100 MB. Empty: the cluster's default.");
    case "gpus":
      return l10n.t("A viewer needs none. For example 1 or a100:2. Empty: none.");
    case "account":
      return l10n.t("Whom the cluster charges. Empty: your default account.");
    case "qos":
      return l10n.t("The quality of service. Empty: the cluster's default.");
    case "options":
      return l10n.t(
        'As sbatch takes them, for example --constraint="big mem" --reservation=class. Empty: none.',
      );
  }
}

/** The initial text of the input box for a field. */
export function fieldInput(field: JobField, request: JobRequest): string {
  switch (field) {
    case "minutes":
      return timeInput(request.minutes);
    case "cpus":
      return String(request.cpus ?? 1);
    case "memory":
      return request.memory === undefined ? "" : memoryInput(request.memory);
    default:
      return request[field] ?? "";
  }
}

/** Applies the input to the request. @returns the changed request, or a problem for the input box. */
export function withInput(
  field: JobField,
  text: string,
  request: JobRequest,
  facts: Pick<Cluster, "partitions">,
): JobRequest | { readonly problem: string } {
  const written = text.trim();
  const without = (): JobRequest => ({ ...request, [field]: undefined });
  switch (field) {
    case "minutes": {
      const minutes = readTime(written);
      return minutes === undefined
        ? { problem: l10n.t("Enter a time, for example 2 h, 90 min or 1-12:00:00.") }
        : checkedTime({ ...request, minutes }, facts);
    }
    case "cpus": {
      const cpus = readCount(written, 1, mostCpus);
      return cpus === undefined
        ? { problem: l10n.t("Enter a number from 1 to {0}.", mostCpus) }
        : { ...request, cpus };
    }
    case "memory": {
      if (written === "") return without();
      const memory = readMemory(written);
      return memory === undefined
        ? { problem: l10n.t("Enter a size, for example 1 GB or 512 MB.") }
        : { ...request, memory };
    }
    case "gpus":
      if (written === "" || written === "0") return without();
      return /^([\w.-]+:)*[1-9]\d{0,3}$/.test(written)
        ? { ...request, gpus: written }
        : { problem: l10n.t("Enter a number, or a kind and a number such as a100:2.") };
    case "options":
      if (written === "") return without();
      return checkedOptions({ ...request, options: written });
    case "partition":
    case "account":
    case "qos": {
      if (written === "") return without();
      return /^[\w.@+,-]{1,100}$/.test(written) && !written.startsWith("-")
        ? { ...request, [field]: written }
        : { problem: l10n.t("Enter a name as the cluster has it.") };
    }
  }
}

/** Checks the time limit: a job longer than the partition allows would wait forever. */
export function checkedTime(
  request: JobRequest,
  facts: Pick<Cluster, "partitions">,
): JobRequest | { readonly problem: string } {
  const { name, mostMinutes } = partitionOf(request, facts) ?? {};
  return mostMinutes !== undefined && request.minutes > mostMinutes
    ? {
        problem: l10n.t(
          "The partition {0} allows at most {1}.",
          displayText(name ?? ""),
          spanText(mostMinutes * 60),
        ),
      }
    : request;
}

/** A description of a partition, in one line. */
export function partitionText({ isDefault, isUp, mostMinutes, nodes, gres }: Partition): string {
  return [
    ...(isDefault ? [l10n.t("default")] : []),
    ...(isUp ? [] : [l10n.t("closed now")]),
    mostMinutes === undefined ? l10n.t("no time limit") : l10n.t("at most {0}", spanText(mostMinutes * 60)),
    nodes === 1 ? l10n.t("1 node") : l10n.t("{0} nodes", nodes),
    ...(gres === "" ? [] : [displayText(gres)]),
  ].join(" · ");
}

/** Checks the options as sbatch would get them. */
function checkedOptions(request: JobRequest): JobRequest | { readonly problem: string } {
  if ((request.options ?? "").length > longestText)
    return { problem: l10n.t("At most 1000 characters, all on one line.") };
  try {
    sbatchOptions(request, "");
    return request;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { problem: describeFailure(error.detail).message };
  }
}
