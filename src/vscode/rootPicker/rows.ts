import * as l10n from "@vscode/l10n";
import { displayLabel } from "../../common/text/displayText.js";
import type { FailureWords } from "../../messages/failureWords.js";

/** The action of a row. Paths keep undecodable bytes (see common/text/bytes). */
export type RowAction =
  /** Chooses this folder. `isSeen`: the host has just listed it. */
  | { readonly kind: "choose"; readonly path: string; readonly isSeen?: boolean }
  /** Lists this folder. */
  | { readonly kind: "browse"; readonly path: string }
  | { readonly kind: "create"; readonly path: string }
  | { readonly kind: "back" };

/** A row of the quick pick. All texts are display text. */
export interface Row {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  /** Missing: information only. */
  readonly does?: RowAction;
  readonly isHeading?: true;
}

function heading(label: string): Row {
  return { label, isHeading: true };
}

/** Rows below a separator; none if there are no rows. */
export function section(label: string, rows: readonly Row[]): readonly Row[] {
  return rows.length === 0 ? [] : [heading(label), ...rows];
}

/** A row for a failure and its advice. */
export function problemRow({ message, advice }: Pick<FailureWords, "message" | "advice">): Row {
  return { label: `$(error) ${displayLabel(message)}`, detail: displayLabel(advice) };
}

/** Identifies a row by its action, so that it stays active while rows come and go. */
export function keyOf({ does }: Row): string | undefined {
  return does && ("path" in does ? `${does.kind} ${does.path}` : does.kind);
}

export function runsText(runs: number): string {
  return runs === 1 ? l10n.t("1 run") : l10n.t("{0} runs", runs.toLocaleString());
}
