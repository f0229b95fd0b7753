import assert from "node:assert/strict";
import * as vscode from "vscode";

/** The extension under test, as VS Code knows it. */
export function extension(): vscode.Extension<unknown> {
  const found = vscode.extensions.getExtension("runicorn.runicorn-remote");
  assert.ok(found, "the extension is installed");
  return found;
}
