import { type FSWatcher, watch } from "node:fs";
import { toDisposable, type Disposable } from "../async/disposable.js";

/**
 * Hears when something in a folder changes, whichever program did it, until disposed of. Some network disks cannot tell.
 * @param delay milliseconds in which several changes are told as one; not put off by what comes meanwhile.
 * @param onChange hears the names of what changed; none where the system does not say them.
 */
export function watchFolder(
  folder: string,
  delay: number,
  onChange: (names: ReadonlySet<string>) => void,
): Disposable {
  let names = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(folder, { persistent: false }, (_event, name) => {
      if (name !== null) names.add(name);
      timer ??= setTimeout(() => {
        const told = names;
        names = new Set();
        timer = undefined;
        onChange(told);
      }, delay).unref();
    });
    watcher.on("error", () => watcher?.close());
  } catch {
    // Then what is shown is read again when it is looked at.
  }
  return toDisposable(() => {
    clearTimeout(timer);
    watcher?.close();
  });
}
