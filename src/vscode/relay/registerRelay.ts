import type { Disposable } from "../../common/disposable.js";
import { relayCommandIds } from "../commandIds.js";
import { registerLate } from "../registerLate.js";
import type { Ui } from "../ui.js";
import { registerRelayTree } from "./relayTree.js";

/** Everything about the relay agent: its commands, its view, and what it tells. */
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
