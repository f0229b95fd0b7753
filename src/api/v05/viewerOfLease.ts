import { Failure } from "../../common/failure.js";
import type { ViewerSession } from "../../viewer/session/session.js";
import type { Found } from "../services/connectionIds.js";
import type { ApiFailure } from "../model/failures.js";
import type { ApiServices } from "../services/services.js";

/**
 * The one viewer of a connection of version 0.5: for a lease, the viewer started through it; for a `user@host:port` id,
 * the first viewer on that SSH connection.
 */
export function viewerOfLease({ connection, lease }: Found, { app }: ApiServices): ViewerSession | undefined {
  if (lease) return lease.sessionId === undefined ? undefined : app.viewers.get(lease.sessionId);
  return app.viewers.sessions.find(({ connectionId }) => connectionId === connection.id);
}

/** @throws Failure `viewer-not-found`. */
export function requireViewer(found: Found, id: string, services: ApiServices): ViewerSession {
  const session = viewerOfLease(found, services);
  if (!session) throw new Failure<ApiFailure>({ code: "viewer-not-found", id: id.slice(0, 100) });
  return session;
}
