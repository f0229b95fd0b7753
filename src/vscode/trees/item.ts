import * as vscode from "vscode";

/** A tree item with a stable id, so that selection and expansion survive a refresh. */
export type Item = vscode.TreeItem & { readonly id: string };

interface ItemParts {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  readonly icon: vscode.ThemeIcon;
  readonly contextValue: string;
  /** Default: no. */
  readonly expandable?: "no" | "collapsed" | "expanded";
}

export function itemOf(parts: ItemParts): Item {
  const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  const states = { no: None, collapsed: Collapsed, expanded: Expanded };
  const item = new vscode.TreeItem(parts.label, states[parts.expandable ?? "no"]);
  return Object.assign(item, {
    id: parts.id,
    description: parts.description,
    // Plain text: what comes from hosts must not become links or images.
    tooltip: parts.tooltip,
    iconPath: parts.icon,
    contextValue: parts.contextValue,
    accessibilityInformation: { label: `${parts.label}, ${parts.description}` },
  });
}
