import * as vscode from "vscode";
import type { App } from "../../app.js";
import { gather } from "../../common/async/gather.js";
import type { Disposable } from "../../common/async/disposable.js";
import { Cancelled } from "../../common/failure.js";
import { createValueText } from "../../runs/view/valueText.js";
import type { Page } from "../page/pages.js";
import { type FromRunTablePage, type RunAction, runActions } from "./fromRunTablePage.js";
import { runTableTexts } from "./runTableTexts.js";
import { hear } from "./hearPage.js";
import { createTableModel, type TableModel } from "./tableModel.js";
import type { TableState } from "./tableState.js";
import type { ToRunTablePage } from "./toRunTablePage.js";

type TablePage = Page<FromRunTablePage, ToRunTablePage>;

/** A running table. */
export interface DrivenTable extends Disposable {
  /** Sets the filter. */
  filter(text: string): void;
}

export interface TableSources {
  readonly app: Pick<App, "records" | "syncs">;
  readonly state: TableState;
  keep(state: TableState): void;
  act(action: RunAction, model: TableModel, line: number | undefined): Promise<unknown>;
  syncRuns(): Promise<unknown>;
  onError(error: unknown): void;
}

/** Milliseconds to debounce writes of the state. */
const calm = 300;

/** Answers the page, and sends updates while it is visible. */
export function driveRunTable(page: TablePage, sources: TableSources): DrivenTable {
  const { app } = sources;
  const onError = (error: unknown): void => sources.onError(error);
  const keeping = gather(calm, () => sources.keep(model.state));
  const model = createTableModel({
    state: sources.state,
    valueText: createValueText(vscode.env.language),
    now: () => Date.now() / 1000,
    onState: () => keeping.call(),
  });
  const stop = new AbortController();
  let [isReady, isStale, isBusy] = [false, true, false];

  const tell = (): void => page.post(model.lines());
  const setUp = (): void =>
    page.post({
      kind: "setup",
      texts: runTableTexts(),
      filter: model.state.filter,
      actions: runActions,
    });
  const refresh = async (): Promise<void> => {
    if (!isReady || !page.isVisible || isBusy) return;
    isBusy = true;
    try {
      while (isStale && page.isVisible && !stop.signal.aborted) {
        isStale = false;
        const [table, copies] = await Promise.all([app.records.table(stop.signal), app.syncs.list()]);
        if (table.version !== model.table.version || copies.length === 0) {
          model.setTable(table, copies.length > 0);
          tell();
        }
      }
    } catch (error) {
      if (!(error instanceof Cancelled)) onError(error);
    } finally {
      isBusy = false;
    }
  };
  const changed = (): void => {
    isStale = true;
    void refresh();
  };

  page.onMessage((message) => {
    switch (message.kind) {
      case "ready":
        isReady = true;
        isStale = true;
        setUp();
        if (model.table.version >= 0) tell();
        return void refresh();
      case "act":
        return void sources.act(message.action, model, message.line).catch(onError);
      case "sync":
        return void sources.syncRuns().catch(onError);
      default:
        hear(page, model, message);
    }
  });
  page.onDidChangeVisibility(() => void refresh());
  const listening = [app.records.onDidChange(changed), app.syncs.onDidChange(() => whenEmpty())];
  /** The first sync ever reports a change before it has runs. */
  const whenEmpty = (): void => {
    if (model.table.count === 0) changed();
  };
  return {
    filter: (text) => {
      model.filter(text);
      if (!isReady) return;
      setUp();
      tell();
    },
    dispose: () => {
      stop.abort();
      listening.forEach((one) => one.dispose());
      keeping.dispose();
      sources.keep(model.state);
    },
  };
}
