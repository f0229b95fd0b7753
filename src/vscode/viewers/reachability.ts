import type { App } from "../../app.js";
import type { ViewerSession } from "../../viewer/session/session.js";
import { externalUrl } from "./externalUrl.js";
import type { Reachability } from "./pageOf.js";

/** Whether and where a session's viewer can be shown in this window; checks that it answers. */
export async function reachabilityOf({ viewers }: App, session: ViewerSession): Promise<Reachability> {
  const external = await externalUrl(session);
  if (external === undefined) return { kind: "checking" };
  if (!(await viewers.health(session.id))?.http) return { kind: "does-not-answer" };
  return new URL(external).pathname === "/"
    ? { kind: "answers", url: external }
    : { kind: "needs-own-origin" };
}
