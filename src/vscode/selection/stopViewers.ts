import * as l10n from "@vscode/l10n";
import type { App } from "../../app.js";
import { withProgress } from "../kit/progress.js";
import { reporting } from "../kit/reportFailure.js";
import type { Ui } from "../kit/ui.js";
import { sessionTitle } from "../viewers/sessionWords.js";
import { isViewerFailure } from "../../viewer/failures.js";
import type { ViewerSession } from "../../viewer/session/session.js";
import { confirm, listed } from "./confirm.js";

/**
 * Stops these viewers, including those that left the list without confirmation of their host.
 * @param isShown whether a panel of this session is visible: it shows that the stop is unconfirmed until it is, which a
 * notification cannot.
 * @throws Cancelled
 */
export async function stopViewers(
  ui: Ui,
  { viewers }: App,
  sessions: readonly ViewerSession[],
  isShown: (id: string) => boolean,
): Promise<void> {
  const [first] = sessions;
  if (!first) return;
  const isOne = sessions.length === 1;
  if (!isOne)
    await confirm(
      l10n.t("Stop {0} viewers?", sessions.length),
      l10n.t("Stop"),
      listed(sessions.map(sessionTitle)),
    );
  const title = isOne
    ? l10n.t("Stopping {0}", sessionTitle(first))
    : l10n.t("Stopping {0} viewers", sessions.length);
  const work = async (): Promise<void> => {
    const results = await Promise.allSettled(sessions.map(({ id }) => viewers.stop(id)));
    const failed = results.flatMap((result, at) => {
      const error: unknown = result.status === "rejected" ? result.reason : undefined;
      const isTold = isViewerFailure(error, "viewer-stop-unconfirmed") && isShown(sessions[at]?.id ?? "");
      return result.status === "fulfilled" || isTold ? [] : [error];
    });
    if (failed.length > 0) throw failed[0];
  };
  // Reported here, so that "Try Again" is about these viewers, which are no longer listed then.
  await reporting(ui, () => withProgress(title, work));
}
