import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { commandIds } from "./commandIds.js";

/** A tree item with a stable id, so that selection and expansion survive a refresh. */
export type Item = vscode.TreeItem & {
  readonly id: string;
  /** Creates its tooltip, if that is more than plain text. */
  readonly tell?: (() => vscode.MarkdownString) | undefined;
};

interface ItemParts {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  /**
   * Plain text, or a function that creates Markdown with `tooltipOf` on hover: text from hosts must not become links or
   * images.
   */
  readonly tooltip: string | (() => vscode.MarkdownString);
  readonly icon: vscode.ThemeIcon;
  readonly contextValue: string;
  /** Default: no. */
  readonly expandable?: "no" | "collapsed" | "expanded";
  /** Whether a click or Enter runs the default action of the item. Default: no. */
  readonly opens?: boolean;
}

export function itemOf(parts: ItemParts): Item {
  const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  const states = { no: None, collapsed: Collapsed, expanded: Expanded };
  const item = new vscode.TreeItem(parts.label, states[parts.expandable ?? "no"]);
  return Object.assign(item, {
    id: parts.id,
    description: parts.description,
    // VS Code resolves a tooltip only if it is undefined.
    ...(typeof parts.tooltip === "string" ? { tooltip: parts.tooltip } : { tell: parts.tooltip }),
    iconPath: parts.icon,
    contextValue: parts.contextValue,
    accessibilityInformation: { label: [parts.label, parts.description].filter(Boolean).join(", ") },
    ...(parts.opens && { command: { command: commandIds.openItem, title: l10n.t("Open") } }),
  });
}
