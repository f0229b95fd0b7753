import * as vscode from "vscode";
import * as l10n from "@vscode/l10n";
import type { App } from "../app.js";
import { displayText } from "../common/bytes.js";
import type { Disposable } from "../common/disposable.js";
import type { ViewerSession } from "../viewer/session.js";
import { withProgress } from "./progress.js";
import { sessionTitle } from "./sessionWords.js";

/** The logs of viewers, each in an output channel of its own. */
export interface ViewerLogs extends Disposable {
  /** Reads the log from the host and shows it. */
  show(session: ViewerSession): Promise<void>;
}

export function createViewerLogs({ viewers }: App): ViewerLogs {
  const channels = new Map<string, vscode.OutputChannel>();

  const channelOf = (session: ViewerSession): vscode.OutputChannel => {
    const present = channels.get(session.id);
    if (present) return present;
    const made = vscode.window.createOutputChannel(`Runicorn: ${sessionTitle(session)}`, "log");
    channels.set(session.id, made);
    return made;
  };
  // A channel goes with its session: a list of dead ones would only be in the way.
  const events = viewers.onDidChange(() => {
    for (const [id, channel] of channels) {
      if (viewers.get(id)) continue;
      channel.dispose();
      channels.delete(id);
    }
  });

  return {
    show: async (session) => {
      const log = await withProgress(l10n.t("Reading the log"), () => viewers.readLog(session.id));
      const channel = channelOf(session);
      channel.replace(log.text.split("\n").map(displayText).join("\n"));
      channel.show(true);
    },
    dispose: () => {
      events.dispose();
      for (const channel of channels.values()) channel.dispose();
    },
  };
}
