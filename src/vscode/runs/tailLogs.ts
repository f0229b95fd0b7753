import { open } from "node:fs/promises";
import { posix } from "node:path";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { displayText } from "../../common/text/displayText.js";
import type { Disposable } from "../../common/async/disposable.js";
import type { Run } from "../../sync/runIndex/runs.js";
import { runLabel } from "./runWords.js";

/** The logs of runs, each followed in an output channel of its own. */
export interface TailLogs extends Disposable {
  /** Shows the end of the run's log, and what is added to it as long as the channel is there. */
  show(run: Run): Promise<void>;
}

/** Bytes of the log's end that are shown first. */
const firstBytes = 256 * 1024;
/** Milliseconds between two looks at a log that no mirror keeps fresh. */
const lookInterval = 2_000;

export function createTailLogs({ syncs }: App): TailLogs {
  const tails = new Map<string, { readonly channel: vscode.OutputChannel; readonly stop: () => void }>();

  const follow = async (run: Run, channel: vscode.OutputChannel): Promise<() => void> => {
    const decoder = new TextDecoder();
    let offset: number | undefined;
    let busy = false;

    const look = async (): Promise<void> => {
      if (busy) return;
      busy = true;
      try {
        const folder = await syncs.folderOfRun(run);
        const { path: local } = await syncs.fetch(run.syncId, posix.join(folder, "logs.txt"));
        const file = await open(local, "r");
        try {
          const { size } = await file.stat();
          if (offset === undefined || size < offset) {
            channel.clear();
            offset = Math.max(0, size - firstBytes);
          }
          const { buffer } = await file.read(Buffer.alloc(size - offset), 0, size - offset, offset);
          offset = size;
          if (buffer.length > 0) channel.append(shown(decoder.decode(buffer, { stream: true })));
        } finally {
          await file.close();
        }
      } finally {
        busy = false;
      }
    };

    await look();
    // Out of reach or rewritten: the next look tells.
    const again = (): void => void look().catch(() => undefined);
    const timer = setInterval(again, lookInterval);
    const events = syncs.onDidChange((id) => {
      if (id === run.syncId) again();
    });
    return () => {
      clearInterval(timer);
      events.dispose();
    };
  };

  return {
    show: async (run) => {
      const key = `${run.syncId}:${run.id}:${run.folder}`;
      const present = tails.get(key);
      if (present) {
        present.channel.show(true);
        return;
      }
      const channel = vscode.window.createOutputChannel(`Runicorn: ${runLabel(run)}`, "log");
      try {
        tails.set(key, { channel, stop: await follow(run, channel) });
        channel.show(true);
      } catch (error) {
        channel.dispose();
        throw error;
      }
    },
    dispose: () => {
      for (const { channel, stop } of tails.values()) {
        stop();
        channel.dispose();
      }
    },
  };
}

/** Progress bars return to the start of their line; control characters must not reach a terminal or a screen reader. */
function shown(text: string): string {
  return text
    .split(/\r?\n|\r/)
    .map(displayText)
    .join("\n");
}
