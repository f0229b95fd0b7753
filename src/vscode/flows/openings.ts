import * as l10n from "@vscode/l10n";
import { jobOf } from "../../ssh/model/jobTarget.js";
import type { Ui } from "../kit/ui.js";
import type { Openings } from "../viewers/viewerPanel.js";
import { connectionTo, openViewerAt } from "./openLastViewer.js";
import { askForChoice, openAsking, startChosen } from "./openViewer.js";

/** How a panel opens its viewer. */
export function createOpenings(ui: Ui): Openings {
  return {
    again: (place, progress, attended) => openViewerAt(ui, place, { progress, attended }),
    asking: async (place, progress) => {
      const connection = await connectionTo(ui, place.target, { progress });
      return openAsking(ui, { connection, progress }, place);
    },
    changing: async (session, place) => {
      const app = await ui.app();
      const connection = await connectionTo(ui, place.target);
      const choice = await askForChoice(ui, connection, place);
      const { environment, root } = session;
      const job = jobOf(app.viewers.targetOf(session.id) ?? connection.target);
      const inJob = job && app.connections.get(session.connectionId);
      if (choice.environment.python === environment.python && choice.root === root) return undefined;
      return async (progress) => {
        if (inJob) {
          // Start first, because a job ends with its last viewer.
          const started = await startChosen(app, { connection: inJob, progress }, choice);
          await app.viewers.stop(session.id);
          return started;
        }
        const title = l10n.t("Stopping the viewer…");
        await progress({ step: "viewer", title, choice }, () => app.viewers.stop(session.id));
        return startChosen(app, { connection, progress }, choice);
      };
    },
  };
}
