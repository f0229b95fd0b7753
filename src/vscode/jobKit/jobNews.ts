import type { App } from "../../app.js";
import type { Disposable } from "../../common/async/disposable.js";

/** Milliseconds after which the time that is left may read otherwise. */
const interval = 20_000;

/**
 * Calls back when something else may be to be said of jobs: the cluster has told of one, its login node is away or comes back,
 * or time has passed for one that runs.
 */
export function onJobNews(
  { slurm, waitingLogins }: Pick<App, "slurm" | "waitingLogins">,
  listener: () => void,
): Disposable {
  let timer: NodeJS.Timeout | undefined;
  const follow = (): void => {
    const isAnyTimed = slurm.watched.some(({ state }) => state.kind === "running");
    if (isAnyTimed) timer ??= setInterval(listener, interval);
    else {
      clearInterval(timer);
      timer = undefined;
    }
  };
  follow();
  const listening = slurm.onDidChange(() => {
    follow();
    listener();
  });
  const logins = waitingLogins.onDidChange(listener);
  return {
    dispose: () => {
      clearInterval(timer);
      listening.dispose();
      logins.dispose();
    },
  };
}
