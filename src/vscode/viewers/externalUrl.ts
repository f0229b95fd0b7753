import * as vscode from "vscode";
import type { App } from "../../app.js";
import { sessionUrl, type ViewerSession } from "../../viewer/session/session.js";

/** Milliseconds in which an address for a browser is good, once. */
const openLifetime = 30_000;
const copyLifetime = 600_000;

/**
 * Where the person's browser reaches a session's local port; undefined where it has none. Asked anew each time: a window
 * on another machine forwards the port, and may choose another one.
 */
export async function externalUrl(session: ViewerSession): Promise<string | undefined> {
  const url = sessionUrl(session);
  // Some versions drop what stands behind the path, so that is put there later.
  return url && (await vscode.env.asExternalUri(vscode.Uri.parse(url))).toString(true);
}

/** An address that opens a session's viewer in the person's browser, once; undefined where it has no local port. */
export async function browserUrl(
  { viewers }: App,
  session: ViewerSession,
  purpose: "open" | "copy",
): Promise<string | undefined> {
  const base = await externalUrl(session);
  const lifetime = purpose === "open" ? openLifetime : copyLifetime;
  return base && viewers.entrance(session.id, { base, lifetime });
}
