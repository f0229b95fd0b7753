import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { Cancelled } from "../../common/failure.js";
import { displayText } from "../../common/text/displayText.js";
import { fieldName } from "../../messages/slurm/fieldNames.js";
import type { JobRequest } from "../../slurm/model/jobRequest.js";
import { askUntilAborted } from "../kit/progress.js";
import {
  checkedTime,
  type Cluster,
  fieldHint,
  fieldInput,
  type JobField,
  jobFields,
  partitionText,
  requestText,
  valueText,
  withInput,
} from "./jobForm.js";

interface JobRow extends vscode.QuickPickItem {
  readonly field?: JobField;
}

/**
 * Asks what to request for a job: Enter submits the current request, and choosing a row edits it.
 * @param host display name of the host.
 * @returns "back" to go back to the previous question.
 * @throws Cancelled
 */
export async function askJob(
  host: string,
  facts: Cluster,
  first: JobRequest,
  signal: AbortSignal | undefined,
): Promise<JobRequest | "back"> {
  let request = first;
  let at: JobField | undefined;
  for (;;) {
    const row = await pickRow(host, facts, request, { at, signal });
    if (row === "back") return row;
    const { field } = row;
    if (field === undefined) {
      const checked = checkedTime(request, facts);
      if (!("problem" in checked)) return request;
      at = "minutes";
    } else {
      request = (await changed(field, request, facts, signal)) ?? request;
      at = undefined;
    }
  }
}

function pickRow(
  host: string,
  facts: Cluster,
  request: JobRequest,
  { at, signal }: { readonly at: JobField | undefined; readonly signal: AbortSignal | undefined },
): Promise<JobRow | "back"> {
  const pick = vscode.window.createQuickPick<JobRow>();
  pick.title = l10n.t("Job on {0}", host);
  const problem = checkedTime(request, facts);
  pick.placeholder =
    "problem" in problem ? problem.problem : l10n.t("Enter runs it as it stands. Choose a row to change it.");
  pick.ignoreFocusOut = true;
  pick.buttons = [vscode.QuickInputButtons.Back];
  const rows = jobFields.map((field): JobRow => ({
    label: fieldName(field),
    description: valueText(field, request, facts),
    field,
  }));
  pick.items = [
    { label: `$(play) ${l10n.t("Run the Viewer in This Job")}`, detail: requestText(request, facts) },
    { label: l10n.t("What it asks for"), kind: vscode.QuickPickItemKind.Separator },
    ...rows,
  ];
  const active = pick.items.find(({ field }) => field !== undefined && field === at);
  if (active) pick.activeItems = [active];
  return answerOf(pick, signal);
}

/** Shows a quick pick, and resolves to the choice. @throws Cancelled, also if the signal is aborted already. */
export function answerOf<T extends vscode.QuickPickItem>(
  pick: vscode.QuickPick<T>,
  signal: AbortSignal | undefined,
): Promise<T | "back"> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      pick.dispose();
      reject(new Cancelled());
      return;
    }
    const events = [
      pick.onDidTriggerButton((button) => {
        if (button !== vscode.QuickInputButtons.Back) return;
        resolve("back");
        pick.dispose();
      }),
      pick.onDidAccept(() => {
        const [chosen] = pick.activeItems;
        if (!chosen) return;
        resolve(chosen);
        pick.dispose();
      }),
      pick.onDidHide(() => {
        reject(new Cancelled());
        pick.dispose();
        for (const event of events) event.dispose();
      }),
    ];
    signal?.addEventListener("abort", () => pick.hide(), { once: true });
    pick.show();
  });
}

/** @returns undefined if unchanged. */
async function changed(
  field: JobField,
  request: JobRequest,
  facts: Cluster,
  signal: AbortSignal | undefined,
): Promise<JobRequest | undefined> {
  const text = await askUntilAborted(
    signal,
    async (token) => (await listed(field, request, facts, token)) ?? typed(field, request, facts, token),
  );
  if (typeof text !== "string") return undefined;
  const after = withInput(field, text, request, facts);
  // Accept a partition whose limit is shorter than the time; the list then says that the time is too long.
  return "problem" in after ? undefined : after;
}

interface NameRow extends vscode.QuickPickItem {
  /** Undefined: type it. */
  readonly text?: string;
}

/** Lets the user pick one of the cluster's names. @returns undefined to type it; false if nothing was picked. */
async function listed(
  field: JobField,
  request: JobRequest,
  facts: Cluster,
  token: vscode.CancellationToken,
): Promise<string | false | undefined> {
  const names = namesOf(field, facts);
  if (names.length === 0) return undefined;
  const present = fieldInput(field, request);
  const items: NameRow[] = [
    ...names.map(({ name, description }) => ({ label: displayText(name), description, text: name })),
    ...(field === "partition" ? [] : [{ label: l10n.t("The cluster's default"), text: "" }]),
    { label: `$(edit) ${l10n.t("Enter a Name…")}` },
  ];
  const first = items.filter(({ text }) => text === present);
  const chosen = await vscode.window.showQuickPick(
    [...first, ...items.filter((item) => !first.includes(item))],
    { title: fieldName(field), placeHolder: fieldHint(field), ignoreFocusOut: true },
    token,
  );
  return chosen ? chosen.text : false;
}

function namesOf(
  field: JobField,
  { partitions, accounts, qos }: Cluster,
): readonly { readonly name: string; readonly description?: string }[] {
  switch (field) {
    case "partition":
      return partitions.map((one) => ({ name: one.name, description: partitionText(one) }));
    case "account":
      return accounts.map((name) => ({ name }));
    case "qos":
      return qos.map((name) => ({ name }));
    default:
      return [];
  }
}

async function typed(
  field: JobField,
  request: JobRequest,
  facts: Cluster,
  token: vscode.CancellationToken,
): Promise<string | undefined> {
  const options: vscode.InputBoxOptions = {
    title: fieldName(field),
    prompt: fieldHint(field),
    value: fieldInput(field, request),
    ignoreFocusOut: true,
    validateInput: (text) => {
      const after = withInput(field, text, request, facts);
      return "problem" in after ? after.problem : undefined;
    },
  };
  return vscode.window.showInputBox(options, token);
}
