import type * as z from "zod";
import type { ViewerSession } from "../../viewer/session/session.js";
import type { ApiServices } from "../services/services.js";
import { sessionOf, type sessionShape } from "./shapes.js";

type SessionShape = z.infer<typeof sessionShape>;

/** Converts a session, with the additional states of viewers that were started with a saved server. */
export async function describeSession(
  session: ViewerSession,
  { savedSessions }: ApiServices,
): Promise<SessionShape> {
  const shape = sessionOf(session);
  const state = await savedSessions.stateOf(session);
  if (state === "as-usual") return shape;
  return { ...shape, status: state, isActive: state !== "disconnected" };
}

export function describeSessions(services: ApiServices): Promise<SessionShape[]> {
  return Promise.all(services.app.viewers.sessions.map((session) => describeSession(session, services)));
}
