import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { Cancelled } from "../../common/failure.js";
import type { Disposable } from "../../common/async/disposable.js";
import { sizeText } from "../../common/text/sizeText.js";
import type { Run } from "../../sync/runIndex/runs.js";
import { stateContextKeys } from "../kit/viewIds.js";
import { withProgress } from "../kit/progress.js";
import { runLabel } from "../runKit/runWords.js";
import { createTail, type Tail } from "./tail.js";

/** The logs of runs, each in its own output channel. */
export interface TailLogs extends Disposable {
  /** Shows the end of the run's log, and new lines. @throws if reading fails, or Cancelled. */
  show(run: Run): Promise<void>;
  /** The runs whose logs are shown. */
  readonly shown: readonly Run[];
  /** Stops following a log, and closes its channel. */
  stop(run: Pick<Run, "syncId" | "folder">): void;
}

/** Milliseconds after which progress is shown. */
const patience = 700;

interface Shown {
  readonly run: Run;
  readonly channel: vscode.OutputChannel;
  tail: Tail;
  /** Settles when the end of the log was read. */
  ready: Promise<void>;
}

export function createTailLogs({ syncs }: Pick<App, "syncs">): TailLogs {
  const all = new Map<string, Shown>();
  const tellCount = (): void =>
    void vscode.commands.executeCommand("setContext", stateContextKeys.hasTails, all.size > 0);

  const remove = (key: string): void => {
    const one = all.get(key);
    all.delete(key);
    one?.tail.stop();
    one?.channel.dispose();
    tellCount();
  };

  const begin = (run: Run, channel: vscode.OutputChannel): Pick<Shown, "tail" | "ready"> => {
    const tail = createTail(syncs, run, channel);
    return { tail, ready: readingEnd(run, tail) };
  };

  return {
    show: async (run) => {
      const key = keyOf(run);
      let one = all.get(key);
      if (!one) {
        const channel = vscode.window.createOutputChannel(`Runicorn: ${runLabel(run)}`, "log");
        // Invoked again meanwhile, the command waits for the same read.
        one = { run, channel, ...begin(run, channel) };
        all.set(key, one);
        tellCount();
      } else if (!one.tail.isFollowed) {
        one.channel.clear();
        Object.assign(one, begin(run, one.channel));
      }
      try {
        await one.ready;
      } catch (error) {
        if (all.get(key) === one) remove(key);
        throw error;
      }
      one.channel.show(true);
    },
    get shown() {
      return [...all.values()].map(({ run }) => run);
    },
    stop: (run) => remove(keyOf(run)),
    dispose: () => {
      for (const { tail, channel } of all.values()) {
        tail.stop();
        channel.dispose();
      }
      all.clear();
    },
  };
}

function keyOf({ syncId, folder }: Pick<Run, "syncId" | "folder">): string {
  return `${syncId}:${folder}`;
}

/** Reads the end of a log; if that takes longer, under a notification with a Cancel button. */
async function readingEnd(run: Run, tail: Tail): Promise<void> {
  const giveUp = new AbortController();
  let tell: (done: number, total: number) => void = () => undefined;
  const reading = tail.start(giveUp.signal, (done, total) => tell(done, total));
  let timer: NodeJS.Timeout | undefined;
  const isLate = await Promise.race([
    reading.then(() => false),
    new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(true), patience))),
  ]).finally(() => clearTimeout(timer));
  if (!isLate) return;
  await withProgress(l10n.t("Reading the log of {0}", runLabel(run)), (signal, report) => {
    tell = (done, total) => report(l10n.t("{0} of {1}", sizeText(done), sizeText(total)));
    signal.addEventListener("abort", () => giveUp.abort(new Cancelled()), { once: true });
    return reading;
  });
}
