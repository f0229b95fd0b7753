import * as vscode from "vscode";
import type { App } from "../../app.js";
import { sessionUrl, type ViewerSession } from "../../viewer/session/session.js";

/** Milliseconds for which a one-time URL for a browser is valid. */
const openLifetime = 30_000;
const copyLifetime = 600_000;

/**
 * The URL at which the user's browser reaches a session's local port; undefined if it has none. Resolved again each
 * time, because a remote window forwards the port, perhaps to another one.
 */
export async function externalUrl(session: ViewerSession): Promise<string | undefined> {
  const url = sessionUrl(session);
  // Some versions drop the query, so it is added later.
  return url && (await vscode.env.asExternalUri(vscode.Uri.parse(url))).toString(true);
}

/** A one-time URL that opens a session's viewer in the user's browser; undefined if it has no local port. */
export async function browserUrl(
  { viewers }: App,
  session: ViewerSession,
  purpose: "open" | "copy",
): Promise<string | undefined> {
  const base = await externalUrl(session);
  const lifetime = purpose === "open" ? openLifetime : copyLifetime;
  return base && viewers.entrance(session.id, { base, lifetime });
}
