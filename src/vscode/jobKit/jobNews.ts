import type { App } from "../../app.js";
import type { Disposable } from "../../common/async/disposable.js";

/** Milliseconds after which the text of the time left may change. */
const interval = 20_000;

/**
 * Calls back when texts about jobs may change: a job or the connection to its login node has changed, or time has passed
 * for a running job.
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
