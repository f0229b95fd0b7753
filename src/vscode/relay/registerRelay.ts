import type { Disposable } from "../../common/async/disposable.js";
import { relayCommandIds } from "../kit/commandIds.js";
import { registerLate } from "../kit/registerLate.js";
import type { Ui } from "../kit/ui.js";
import { registerRelayTree } from "./relayTree.js";

/** Registers the commands, the view and the notifications of the relay agent. */
export function registerRelay(ui: Ui): Disposable & { readonly refresh: () => void } {
  const tree = registerRelayTree(ui.app);
  const store: Disposable[] = [tree];
  store.push(
    registerLate(ui, relayCommandIds, async () =>
      (await import("./relayCommands.js")).relayCommandHandlers(ui, store),
    ),
  );
  return { refresh: tree.refresh, dispose: () => store.forEach((one) => one.dispose()) };
}
