import type { KnownRun } from "./glance/trainings.js";
import type { Subjects } from "./glance/glances.js";
import { savedIdOf } from "./savedConnectionId.js";
import type { SavedConnections } from "./savedConnections.js";
import type { Connection } from "./ssh/model/connection.js";
import type { Run } from "./sync/runIndex/runs.js";
import type { Syncs } from "./sync/syncs.js";
import type { Viewers } from "./viewer/viewers.js";

/**
 * Collects what a status query should include: the storage roots of a host's viewers, syncs and saved connection, and
 * copied runs whose status is running.
 */
export function glanceSubjects(services: {
  readonly syncs: Pick<Syncs, "list" | "runs">;
  readonly viewers: Pick<Viewers, "sessions">;
  readonly savedConnections: Pick<SavedConnections, "get">;
}): (connection: Connection) => Promise<Subjects> {
  const { syncs, viewers, savedConnections } = services;
  return async ({ id, target }) => {
    const [all, saved] = await Promise.all([syncs.list(), savedConnections.get(savedIdOf(target))]);
    const theirs = all.filter(({ connectionId }) => connectionId === id);
    const runs = (await Promise.all(theirs.map((sync) => syncs.runs(sync.id)))).flat();
    const shown = viewers.sessions.filter(({ connectionId }) => connectionId === id);
    const roots = [...shown, ...theirs, ...(saved ? [saved] : [])].flatMap(({ root }) => root ?? []);
    return {
      roots: [...new Set(roots)].filter((root) => root.startsWith("/")),
      runs: runs.filter(({ status }) => status === "running").map(knownRun),
    };
  };
}

function knownRun({ syncId, id, folder, pid, hostname, startedAt, createdAt }: Run): KnownRun {
  return { syncId, id, folder, pid, hostname, startedAt: startedAt ?? createdAt };
}
