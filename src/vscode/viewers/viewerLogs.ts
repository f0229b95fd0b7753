import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import type { Disposable } from "../../common/async/disposable.js";
import { createLogLines } from "../../viewer/logLines.js";
import type { ViewerSession } from "../../viewer/session/session.js";
import { endOfJob } from "../jobKit/jobOfSession.js";
import { sessionTitle } from "./sessionWords.js";
import { showLogChannel } from "./showLogChannel.js";

/** The logs of viewers, each in its own log output channel, with VS Code's log level. */
export interface ViewerLogs extends Disposable {
  /** Shows the log, and follows it for as long as the session exists. */
  show(session: ViewerSession): void;
}

interface Shown {
  readonly channel: vscode.LogOutputChannel;
  readonly following: Disposable;
  /** Aborted when the channel is disposed. */
  readonly gone: AbortController;
}

/** Maximum characters of a session's title in a channel's name, which VS Code uses as a file name. */
const longestTitle = 40;

export function createViewerLogs({ viewers }: App): ViewerLogs {
  const all = new Map<string, Shown>();
  const namesUsed = new Set<string>();

  /** Log channels with the same name share a file, which outlives them. */
  const nameFor = (session: ViewerSession): string => {
    const name = `Runicorn: ${[...sessionTitle(session)].slice(0, longestTitle).join("")}`;
    const unused = namesUsed.has(name) ? `${name} (${session.id})` : name;
    namesUsed.add(unused);
    return unused;
  };

  const follow = (session: ViewerSession): Shown => {
    const channel = vscode.window.createOutputChannel(nameFor(session), { log: true });
    if (endOfJob(session)) channel.info(l10n.t("The log of this viewer was removed with its job."));
    const linesOf = createLogLines();
    const following = viewers.followLog(session.id, (piece) => {
      for (const { level, text } of linesOf(piece)) channel[level](text);
    });
    return { channel, following, gone: new AbortController() };
  };
  // Remove the channel with its session, to keep the list of channels short.
  const events = viewers.onDidChange(() => {
    for (const [id, shown] of all) {
      if (viewers.get(id)) continue;
      close(shown);
      all.delete(id);
    }
  });

  return {
    show: (session) => {
      const shown = all.get(session.id) ?? follow(session);
      all.set(session.id, shown);
      void showLogChannel(shown.channel, { preserveFocus: true, signal: shown.gone.signal });
    },
    dispose: () => {
      events.dispose();
      for (const shown of all.values()) close(shown);
    },
  };
}

function close({ channel, following, gone }: Shown): void {
  gone.abort();
  following.dispose();
  channel.dispose();
}
