import * as vscode from "vscode";
import { madeOnce } from "../../common/async/madeOnce.js";
import type { Ui } from "./ui.js";

/** A command handler. Arguments: the tree item that it was invoked on, and all selected items. */
export type Handler = (argument?: unknown, selection?: unknown) => Promise<unknown>;

/** A handler for each command of a table; does not compile if one is missing. */
export type Handlers<Ids extends Readonly<Record<string, string>>> = Readonly<
  Record<Ids[keyof Ids], Handler>
>;

/** Registers commands whose handlers are loaded when the first of them is invoked. */
export function registerLate<Ids extends Readonly<Record<string, string>>>(
  ui: Ui,
  ids: Ids,
  load: () => Promise<Handlers<Ids>>,
): vscode.Disposable {
  const handlers = madeOnce(load);
  const run = async (id: Ids[keyof Ids], ...args: Parameters<Handler>): Promise<void> => {
    const [argument] = args;
    const isOnItem = typeof argument === "object" && argument !== null && "item" in argument;
    // Logs what the user did; later lines say on which host.
    ui.log.info(`command ${id}${isOnItem ? " on an item" : ""}`);
    const { reporting } = await import("./reportFailure.js");
    await reporting(ui, async () => (await handlers())[id](...args));
  };
  const registered = (Object.values(ids) as Ids[keyof Ids][]).map((id) =>
    vscode.commands.registerCommand(id, (argument?: unknown, selection?: unknown) =>
      run(id, argument, selection),
    ),
  );
  return vscode.Disposable.from(...registered);
}
