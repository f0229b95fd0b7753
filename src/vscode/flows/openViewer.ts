import * as l10n from "@vscode/l10n";
import type { App } from "../../app.js";
import { hostName } from "../../messages/hostName.js";
import { Cancelled } from "../../common/failure.js";
import type { HostEnvironments } from "../../environments/environment.js";
import {
  configuredRoot,
  environmentOfLastTime,
  evidentEnvironment,
  onlyRootWithRuns,
} from "../../environments/evident.js";
import { findStorageRoots } from "../../environments/storageRoots.js";
import type { Connection } from "../../ssh/model/connection.js";
import { isViewerFailure } from "../../viewer/failures.js";
import type { ViewerSession } from "../../viewer/session/session.js";
import { onHost } from "../kit/reportFailure.js";
import type { OpeningProgress, ViewerChoice } from "../kit/progress.js";
import type { Ui } from "../kit/ui.js";
import type { ViewerPlace } from "../kit/viewerPlace.js";
import { recentRoots } from "../../savedConnections.js";
import { confirmMissingRoot } from "../rootPicker/missingRoot.js";
import { type ChosenRoot, pickRoot, type RootQuestion } from "../rootPicker/pickRoot.js";
import { knownRootsOf } from "../rootPicker/recentRoots.js";
import { savedIdOf } from "../../savedConnectionId.js";
import { jobOf } from "../../ssh/model/jobTarget.js";
import type { Target } from "../../ssh/model/target.js";
import { passwordsIn } from "../kit/secrets.js";
import { isSameHost } from "../kit/viewerPlace.js";
import { type ChosenWhere } from "../slurm/askWhere.js";
import { openJob } from "../slurm/openJob.js";
import { askedWhere, whereOf } from "../slurm/whereOf.js";
import { endOfJob } from "../jobKit/jobOfSession.js";
import { pickEnvironment } from "./pickEnvironment.js";
import { reconnectInteraction } from "./reconnectInteraction.js";

/** Limits for searching storage roots before asking: milliseconds, and depth of folders. */
const rootSearch = { limit: 6_000, depth: 3 } as const;

/** What is known before a viewer is opened: from last time, or from a link that the user confirmed. */
type Known = Pick<ViewerPlace, "python" | "root" | "where">;

/** Where and how to open a viewer. */
export interface OpeningOf {
  readonly connection: Connection;
  readonly progress: OpeningProgress;
  /** Whether the user can be asked. Default true. */
  readonly attended?: boolean | undefined;
}

/**
 * Opens a viewer on a connection: environment, storage root, start. Asks only for what is neither known nor evident.
 * Reuses an existing viewer.
 * @throws like `viewers.start`, or Cancelled, also if nobody can be asked.
 */
export async function openViewer(ui: Ui, opening: OpeningOf, known: Known): Promise<ViewerSession> {
  try {
    return await openOrStart(ui, opening, known);
  } catch (error) {
    throw onHost(opening.connection.target, error);
  }
}

async function openOrStart(ui: Ui, opening: OpeningOf, known: Known): Promise<ViewerSession> {
  const app = await ui.app();
  const { connection, progress, attended = true } = opening;
  const running = await present(app, opening, known.root);
  if (running) return running;
  const wanted = await whereOf(app, opening, known.where);
  const title = l10n.t("Looking for Python environments…");
  const choice = await progress({ step: "environment", title }, async (signal, report) => {
    const found = await app.environments.list(connection, { signal });
    const needPerson = (): void => {
      if (!attended) throw new Cancelled();
      report(waiting());
    };
    const last = { python: known.python, wasUsed: await wasUsed(app, connection, known.python) };
    let chosen = chosenEnvironment(found, last);
    if (!chosen) {
      needPerson();
      chosen = await pickEnvironment(ui, app, connection, last.wasUsed ? last.python : undefined, signal);
    }
    const { environment, environmentReason } = chosen;
    const choose = (root: string, rootReason?: string): ViewerChoice => ({
      environment,
      root,
      ...(environmentReason !== undefined && { environmentReason }),
      ...(rootReason !== undefined && { rootReason }),
    });
    if (known.root !== undefined) return choose(known.root);
    const configured = configuredRoot(found);
    if (configured !== undefined) return choose(configured, reasonOf(found));
    report(l10n.t("looking for the folder with the runs…"));
    const search = await findStorageRoots(connection, { ...rootSearch, signal });
    const only = onlyRootWithRuns(search);
    if (only !== undefined) return choose(only, l10n.t("the only folder with runs"));
    needPerson();
    const asked = await askForRoot(app, connection, { configured: found.storageRoot, found: search, signal });
    return { ...choose(asked.root), createRoot: asked.create };
  });
  return startAt(ui, app, opening, { choice, wanted, isAnother: false });
}

interface Wanted {
  readonly choice: ViewerChoice;
  readonly wanted: ChosenWhere;
  /** Whether not to reuse an existing viewer. */
  readonly isAnother: boolean;
}

/** Starts the chosen viewer on the host or in a job. */
async function startAt(
  ui: Ui,
  app: App,
  opening: OpeningOf,
  { choice, wanted, isAnother }: Wanted,
): Promise<ViewerSession> {
  const start = async (at: OpeningOf): Promise<ViewerSession> =>
    (isAnother ? undefined : await present(app, at, choice.root)) ?? startChosen(app, at, choice);
  if (wanted.where.kind === "login") return start(opening);
  const { connection: login, progress, attended = true } = opening;
  const interaction = reconnectInteraction(passwordsIn(ui.secrets), attended);
  const job = await openJob(app, { login, progress, attended, interaction, choice }, wanted);
  const inJob = { ...opening, connection: job.connection };
  try {
    // Another machine may have started a viewer in the job.
    await app.viewers.adopt(job.connection);
    return await start(inJob);
  } catch (error) {
    await job.giveUp().catch((cause: unknown) => ui.log.warn(String(cause)));
    throw error;
  }
}

/** The existing viewer of a root on this host or in one of its jobs; restarted if it failed. */
async function present(
  app: App,
  { connection, progress }: OpeningOf,
  root: string | undefined,
): Promise<ViewerSession | undefined> {
  const { viewers } = app;
  const there = viewers.sessions.filter(
    (one) => one.root === root && isOnHost(one, connection, viewers.targetOf(one.id)),
  );
  const found = there.find(({ state }) => state.kind !== "failed") ?? there[0];
  if (!found) return undefined;
  // Its job has ended, so nothing can be started in it.
  if (endOfJob(found)) {
    await viewers.stop(found.id).catch(() => undefined);
    return undefined;
  }
  const title = l10n.t("Starting the viewer on {0}", hostName(found.host));
  const session =
    found.state.kind === "failed"
      ? await progress({ step: "viewer", title }, (signal) => viewers.restart(found.id, { signal }))
      : found;
  await noteOpened(app, session);
  return session;
}

/** Whether a viewer is on this host; for a job, only viewers in this very job count. */
function isOnHost({ connectionId }: ViewerSession, { id, target }: Connection, its: Target | undefined) {
  return connectionId === id || (!jobOf(target) && its !== undefined && isSameHost(its, target));
}

/** Asks for the environment and the root, with known values first. @throws Cancelled */
export async function askForChoice(
  ui: Ui,
  connection: Connection,
  known: Known,
  signal?: AbortSignal,
): Promise<ViewerChoice> {
  const app = await ui.app();
  for (let { python } = known; ;) {
    const { environment, host } = await pickEnvironment(ui, app, connection, python, signal);
    const question = { configured: host.storageRoot, canGoBack: true, signal };
    const recent = await knownRootsOf(app, connection, known.root);
    const asked = await pickRoot(app, connection, { ...question, recent, mayCreate: true });
    if (asked !== "back") return { environment, root: asked.root, createRoot: asked.create };
    ({ python } = environment);
  }
}

async function askForRoot(
  app: App,
  connection: Connection,
  question: Omit<RootQuestion, "recent" | "mayCreate" | "canGoBack">,
  first?: string,
): Promise<ChosenRoot> {
  const recent = await knownRootsOf(app, connection, first);
  const asked = await pickRoot(app, connection, { ...question, recent, mayCreate: true });
  if (asked === "back") throw new Cancelled();
  return asked;
}

/** Opens a viewer after asking for both, while its panel waits. Reuses a running viewer with the same answers. */
export async function openAsking(ui: Ui, opening: OpeningOf, known: Known): Promise<ViewerSession> {
  const app = await ui.app();
  const task = { step: "environment", title: waiting() } as const;
  const { connection } = opening;
  const { choice, wanted } = await opening.progress(task, async (signal) => {
    const asked = await askedWhere(app, connection, { before: known.where, signal });
    return { choice: await askForChoice(ui, connection, known, signal), wanted: asked ?? { where: onLogin } };
  });
  const running = await present(app, opening, choice.root);
  const isSame = running?.environment.python === choice.environment.python && isIn(app, running, wanted);
  return running && isSame ? running : startAt(ui, app, opening, { choice, wanted, isAnother: true });
}

const onLogin = { kind: "login" } as const;

/** Whether a viewer is in the chosen place: never in a job that is yet to be submitted. */
function isIn({ viewers }: App, { id }: ViewerSession, { where, jobId }: ChosenWhere): boolean {
  const job = jobOf(viewers.targetOf(id) ?? { host: "" })?.jobId;
  return (
    job === (where.kind === "running" ? where.jobId : where.kind === "login" ? undefined : (jobId ?? ""))
  );
}

/** Starts the chosen viewer, and remembers it; asks what to do if the folder is missing. */
export async function startChosen(
  app: App,
  opening: OpeningOf,
  choice: ViewerChoice,
): Promise<ViewerSession> {
  const { connection, attended = true } = opening;
  for (let chosen = choice; ;) {
    try {
      const session = await startViewer(app, opening, chosen);
      await noteOpened(app, session);
      return session;
    } catch (error) {
      if (!isViewerFailure(error, "storage-root-missing") || !attended) throw error;
      if ((await confirmMissingRoot(chosen.root)) === "create") chosen = { ...chosen, createRoot: true };
      else {
        const { root, create } = await askForRoot(app, connection, {}, chosen.root);
        chosen = { ...choice, root, createRoot: create };
      }
    }
  }
}

/** Remembers the choice, so that the next time it takes one click. */
async function noteOpened(
  { savedConnections, connections }: App,
  { connectionId, environment, root }: ViewerSession,
): Promise<void> {
  const target = connections.get(connectionId)?.target;
  if (!target) return;
  const { python } = environment;
  await savedConnections.change(
    savedIdOf(target),
    (saved) => saved && { ...saved, python, root, roots: recentRoots(saved, root), openedAt: Date.now() },
  );
}

/** The environment of last time if it is still usable, else the evident one. */
function chosenEnvironment(
  found: HostEnvironments,
  last: Parameters<typeof environmentOfLastTime>[1],
): Pick<ViewerChoice, "environment" | "environmentReason"> | undefined {
  const before = environmentOfLastTime(found, last);
  if (before) return { environment: before };
  const environment = evidentEnvironment(found);
  return environment && { environment, environmentReason: l10n.t("the only one with Runicorn 0.6 or later") };
}

/** Whether a viewer was started in it: it does not only come from a form or an imported file. */
async function wasUsed({ savedConnections }: App, { target }: Connection, python: string | undefined) {
  const saved = await savedConnections.get(savedIdOf(target));
  return saved?.python !== python || saved?.openedAt !== undefined;
}

function reasonOf({ storageRootSource }: HostEnvironments): string {
  return storageRootSource === "environment-variable"
    ? l10n.t("from RUNICORN_DIR")
    : l10n.t("from Runicorn's settings");
}

function waiting(): string {
  return l10n.t("waiting for your choice…");
}

/** Starts a viewer and shows its progress. @throws like `viewers.start`. */
async function startViewer(
  app: App,
  { connection, progress }: OpeningOf,
  choice: ViewerChoice,
): Promise<ViewerSession> {
  const localPort = await freePortOf(app, connection);
  const title = l10n.t("Starting the viewer on {0}", hostName(connection.target.host));
  const { environment, root, createRoot = false } = choice;
  return progress({ step: "viewer", title, choice }, (signal, report) =>
    app.viewers.start(
      connection,
      { environment, root, createRoot, localPort },
      {
        signal,
        onProgress: (phase) =>
          phase === "launching"
            ? report(l10n.t("starting…"), "viewer")
            : report(l10n.t("opening the tunnel…"), "tunnel"),
      },
    ),
  );
}

/** The local port set for the connection, unless it is in use by another tunnel. */
async function freePortOf({ savedConnections, tunnels }: App, { target }: Connection) {
  const { localPort } = (await savedConnections.get(savedIdOf(target))) ?? {};
  return tunnels.all.some((tunnel) => tunnel.localPort === localPort) ? undefined : localPort;
}
