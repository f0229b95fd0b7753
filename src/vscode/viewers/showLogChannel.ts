import * as vscode from "vscode";
import { pause } from "../../common/async/pause.js";

/** Times, and milliseconds between them, that a channel is asked to show itself. */
const tries = 20;
const interval = 250;

interface ShowOptions {
  /** Default: the log takes the focus. */
  readonly preserveFocus?: boolean;
  /** Aborted when the channel is disposed of. */
  readonly signal?: AbortSignal;
}

/** Shows a log channel; VS Code may do nothing when one is to be shown that was made a moment ago. */
export async function showLogChannel(
  channel: vscode.LogOutputChannel,
  { preserveFocus = false, signal }: ShowOptions = {},
): Promise<void> {
  const name = channel.name.replace(/[\\/:*?"<>|]/g, "");
  const isShown = (): boolean =>
    vscode.workspace.textDocuments.some(({ uri }) => uri.scheme === "output" && uri.path.includes(name));
  channel.show(preserveFocus);
  for (let turn = 0; turn < tries && !isShown(); turn += 1) {
    await pause(interval, signal);
    if (signal?.aborted) return;
    if (!isShown()) channel.show(true);
  }
}
