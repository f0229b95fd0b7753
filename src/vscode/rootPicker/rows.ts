import * as l10n from "@vscode/l10n";
import { displayLabel } from "../../common/text/displayText.js";
import type { FailureWords } from "../../messages/failureWords.js";

/** What choosing a row does. Paths keep undecodable bytes (see common/text/bytes). */
export type Deed =
  /** Takes this folder. `isSeen`: the host has just told of it. */
  | { readonly kind: "choose"; readonly path: string; readonly isSeen?: boolean }
  /** Shows what is in this folder. */
  | { readonly kind: "browse"; readonly path: string }
  | { readonly kind: "create"; readonly path: string }
  | { readonly kind: "back" };

/** A line of the question. Every text is fit for a screen. */
export interface Row {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  /** Missing: it only says something. */
  readonly does?: Deed;
  readonly isHeading?: true;
}

function heading(label: string): Row {
  return { label, isHeading: true };
}

/** Rows below a heading; nothing where there are none. */
export function section(label: string, rows: readonly Row[]): readonly Row[] {
  return rows.length === 0 ? [] : [heading(label), ...rows];
}

/** What went wrong, and what to do about it. */
export function problemRow({ message, advice }: Pick<FailureWords, "message" | "advice">): Row {
  return { label: `$(error) ${displayLabel(message)}`, detail: displayLabel(advice) };
}

/** The same for the same deed, so that what is active stays so while rows come and go. */
export function keyOf({ does }: Row): string | undefined {
  return does && ("path" in does ? `${does.kind} ${does.path}` : does.kind);
}

export function runsText(runs: number): string {
  return runs === 1 ? l10n.t("1 run") : l10n.t("{0} runs", runs.toLocaleString());
}
