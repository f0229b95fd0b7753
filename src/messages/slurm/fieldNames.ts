import * as l10n from "@vscode/l10n";

/** The name of a field of a job's request. Returns an unknown one as it is. */
export function fieldName(field: string): string {
  switch (field) {
    case "partition":
      return l10n.t("Partition");
    case "minutes":
      return l10n.t("Time limit");
    case "cpus":
      return l10n.t("CPUs");
    case "memory":
      return l10n.t("Memory");
    case "gpus":
      return l10n.t("GPUs");
    case "account":
      return l10n.t("Account");
    case "qos":
      return l10n.t("QOS");
    case "options":
      return l10n.t("Further options");
    case "linesBefore":
      return l10n.t("Lines to run before");
    default:
      return field;
  }
}
