import * as vscode from "vscode";
import { pause } from "../../common/async/pause.js";

/** Number of attempts to show a channel, and milliseconds between them. */
const tries = 20;
const interval = 250;

interface ShowOptions {
  /** Default: false, so that the log is focused. */
  readonly preserveFocus?: boolean;
  /** Aborted when the channel is disposed. */
  readonly signal?: AbortSignal;
}

/** Shows a log channel; retries, because VS Code may ignore this for a channel that was just created. */
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
