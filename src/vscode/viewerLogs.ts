import * as vscode from "vscode";
import type { App } from "../app.js";
import { displayText } from "../common/bytes.js";
import type { Disposable } from "../common/disposable.js";
import type { ViewerSession } from "../viewer/session.js";
import { sessionTitle } from "./sessionWords.js";

/** The logs of viewers, each in an output channel of its own, coloured and filtered as VS Code does with logs. */
export interface ViewerLogs extends Disposable {
  /** Shows the log and follows it for as long as the session is there. */
  show(session: ViewerSession): void;
}

interface Shown {
  readonly channel: vscode.OutputChannel;
  readonly following: Disposable;
}

/** Characters of a line that are shown. */
const longestLine = 4_000;

export function createViewerLogs({ viewers }: App): ViewerLogs {
  const all = new Map<string, Shown>();

  const follow = (session: ViewerSession): Shown => {
    const channel = vscode.window.createOutputChannel(`Runicorn: ${sessionTitle(session)}`, "log");
    let unfinished = "";
    const following = viewers.followLog(session.id, (text) => {
      const lines = (unfinished + text).split(/\r?\n/);
      unfinished = lines.pop()?.slice(0, longestLine) ?? "";
      for (const line of lines) channel.appendLine(displayText(line).slice(0, longestLine));
    });
    return { channel, following };
  };
  // A channel goes with its session: a list of dead ones would only be in the way.
  const events = viewers.onDidChange(() => {
    for (const [id, { channel, following }] of all) {
      if (viewers.get(id)) continue;
      following.dispose();
      channel.dispose();
      all.delete(id);
    }
  });

  return {
    show: (session) => {
      const shown = all.get(session.id) ?? follow(session);
      all.set(session.id, shown);
      shown.channel.show(true);
    },
    dispose: () => {
      events.dispose();
      for (const { channel, following } of all.values()) {
        following.dispose();
        channel.dispose();
      }
    },
  };
}
