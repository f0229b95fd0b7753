import type { App } from "../../app.js";
import { Failure } from "../../common/failure.js";
import { savedIdOf } from "../../savedConnectionId.js";
import { loginOf } from "../../ssh/model/jobTarget.js";
import type { SshFailure } from "../../ssh/model/failures.js";
import type { ViewerSession } from "../../viewer/session/session.js";
import { jobCommandIds } from "../kit/commandIds.js";
import type { Handlers } from "../kit/registerLate.js";
import type { Ui } from "../kit/ui.js";
import type { LateViewers } from "../lateViewers.js";
import { openViewerAt } from "../flows/openLastViewer.js";
import { chosenOf, dataOf } from "../selection/chosen.js";

export function jobHandlers(ui: Ui, panels: LateViewers["panels"]): Handlers<typeof jobCommandIds> {
  return {
    [jobCommandIds.runAgain]: async (argument: unknown) => {
      const app = await ui.app();
      const id = typeof argument === "string" ? argument : dataOf(argument, "session")?.session.id;
      const session = id === undefined ? undefined : app.viewers.get(id);
      if (session) await runAgain(ui, app, session, panels);
    },
    [jobCommandIds.cancel]: async (argument: unknown, selection: unknown) => {
      const app = await ui.app();
      await Promise.all(
        chosenOf(argument, selection, "job").map(({ job: { loginId, jobId } }) => {
          const login = app.connections.get(loginId);
          if (!login) throw new Failure<SshFailure>({ code: "connection-unknown", id: loginId });
          return app.slurm.cancel(login, jobId);
        }),
      );
    },
  };
}

/** Restarts the viewer of an ended job in a new one with the same request. */
async function runAgain(
  ui: Ui,
  app: App,
  { id, host, environment, root }: ViewerSession,
  panels: LateViewers["panels"],
): Promise<void> {
  const target = loginOf(app.viewers.targetOf(id) ?? { host });
  const saved = await app.savedConnections.get(savedIdOf(target));
  const where = saved?.where;
  const place = { target, python: environment.python, root, ...(where && { where }) };
  // Frees its panel for the next viewer.
  await app.viewers.stop(id).catch((error: unknown) => ui.log.info(String(error)));
  await (await panels()).open(place, (progress) => openViewerAt(ui, place, { progress }));
}
