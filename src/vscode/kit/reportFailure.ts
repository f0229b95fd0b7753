import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { sentences } from "../../messages/language/sentences.js";
import { Cancelled, Failure } from "../../common/failure.js";
import { describeFailure } from "../../messages/describeFailure.js";
import { type FailureWords, words } from "../../messages/failureWords.js";
import { isSshFailure, type SshFailure } from "../../ssh/model/failures.js";
import type { Target } from "../../ssh/model/target.js";
import { commandIds, connectionCommandIds, runCommandIds } from "./commandIds.js";
import type { Ui } from "./ui.js";

/** The host that we were connecting to when a failure occurred, to diagnose it. */
const targets = new WeakMap<object, Target>();

/** The host on which a failure occurred, to edit its connection. */
const hosts = new WeakMap<object, Target>();

/** Records the host on which a failure occurred. @returns the same failure. */
export function onHost<E>(target: Target, error: E): E {
  if (error instanceof Failure) hosts.set(error, target);
  return error;
}

/** Records the host that we were connecting to. @returns the same failure. */
export function onTheWayTo<E>(target: Target, error: E): E {
  if (error instanceof Failure) targets.set(error, target);
  return error;
}

/**
 * Shows a failure and what to do, with a button for it. Cancellation is not shown.
 * @param retry repeats what failed; without it, there is no Retry button.
 */
async function reportFailure(ui: Ui, error: unknown, retry?: () => unknown): Promise<void> {
  const failed = wordsOf(ui, error);
  if (!failed) return;
  const { message, advice, output } = failed;
  const showLog = l10n.t("Show Log");
  const button = buttonFor(ui, failed, retry, hosts.get(error as object));
  const target = targets.get(error as object);
  const diagnose = l10n.t("Diagnose Connection");
  const edit = l10n.t("Edit Connection");
  const buttons = [
    ...(button ? [button.label] : []),
    ...(target ? [diagnose] : []),
    ...(target && isMendedByEditing(error) ? [edit] : []),
    ...(output && button?.label !== showLog ? [showLog] : []),
  ];
  const chosen = await vscode.window.showErrorMessage(sentences(message, advice), ...buttons);
  if (chosen === undefined) return;
  if (chosen === diagnose) await vscode.commands.executeCommand(connectionCommandIds.diagnose, target);
  else if (chosen === edit) await vscode.commands.executeCommand(connectionCommandIds.edit, target);
  else if (chosen === button?.label) await button.run();
  else ui.log.show();
}

/** Failures that may be caused by the target, route or login of a connection. */
const mendedByEditing: ReadonlySet<string> = new Set<SshFailure["code"]>([
  "host-not-found",
  "connection-refused",
  "connect-timed-out",
  "network-unreachable",
  "not-an-ssh-server",
  "hop-failed",
  "jump-loop",
  "target-invalid",
  "authentication-failed",
  "identity-file-unreadable",
]);

function isMendedByEditing(error: unknown): boolean {
  return error instanceof Failure && mendedByEditing.has(error.detail.code);
}

/** The text of a card for a failure, and a button that fixes the cause; undefined if it is not to be shown. */
export function cardOf(
  ui: Ui,
  error: unknown,
): { readonly words: FailureWords; readonly cure: Button | undefined } | undefined {
  const failed = wordsOf(ui, error);
  // A card has its own buttons for the log and for a retry.
  const isOnCard = failed?.action === "show-log" || failed?.action === "show-output";
  return (
    failed && {
      words: failed,
      cure: isOnCard ? undefined : buttonFor(ui, failed, undefined, hosts.get(error as object)),
    }
  );
}

/** Logs it as well. @returns undefined if it is not to be shown. */
function wordsOf(ui: Ui, error: unknown): FailureWords | undefined {
  if (error instanceof Cancelled) return undefined;
  // The user has just refused this host key.
  if (isSshFailure(error, "host-key-not-trusted") && error.detail.refusedBy === "answer") return undefined;
  if (!(error instanceof Failure)) {
    ui.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return words(l10n.t("Something went wrong in Runicorn Remote."), "", { action: "show-log" });
  }
  const failed = describeFailure(error.detail);
  ui.log.error(`${failed.message} ${failed.advice}`);
  if (failed.output) ui.log.info(failed.output);
  return failed;
}

interface Button {
  readonly label: string;
  readonly run: () => unknown;
}

function buttonFor(
  ui: Ui,
  { action, place }: FailureWords,
  retry: (() => unknown) | undefined,
  target: Target | undefined,
): Button | undefined {
  switch (action) {
    case undefined:
      return undefined;
    case "show-log":
    case "show-output":
      return { label: l10n.t("Show Log"), run: () => ui.log.show() };
    case "show-known-hosts":
      return {
        label: l10n.t("Show Known Hosts"),
        run: () => vscode.commands.executeCommand(commandIds.showKnownHosts),
      };
    case "open-file":
      return place && { label: l10n.t("Open File"), run: () => openAt(place) };
    case "compare-host-keys":
      return {
        label: l10n.t("Compare Keys"),
        run: () => vscode.commands.executeCommand(commandIds.replaceHostKey),
      };
    case "edit-lines":
      return (
        target && {
          label: l10n.t("Lines to Run Before…"),
          run: () => vscode.commands.executeCommand(connectionCommandIds.edit, target),
        }
      );
    case "sync-runs":
      return (
        target && {
          label: l10n.t("Sync Runs…"),
          run: () =>
            vscode.commands.executeCommand(runCommandIds.syncRuns, { data: { kind: "connection", target } }),
        }
      );
    case "remove-gone":
      return retry && { label: l10n.t("Remove Them Here Too"), run: retry };
    case "retry":
    case "restart":
    case "create-root":
    case "choose-root":
    case "choose-environment":
    case "install-runicorn":
      return retry && { label: l10n.t("Try Again"), run: retry };
  }
}

async function openAt({ file, line }: NonNullable<FailureWords["place"]>): Promise<void> {
  const start = new vscode.Position(line - 1, 0);
  await vscode.window.showTextDocument(vscode.Uri.file(file), { selection: new vscode.Range(start, start) });
}

/** Runs a command, and reports whatever it throws. */
export async function reporting(ui: Ui, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    void reportFailure(ui, error, () => reporting(ui, work));
  }
}
