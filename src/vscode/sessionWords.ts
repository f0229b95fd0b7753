import { posix } from "node:path";
import * as l10n from "@vscode/l10n";
import { displayText } from "../common/bytes.js";
import { describeFailure } from "../messages/describeFailure.js";
import type { ViewerSession } from "../viewer/session.js";

/** A short name for a session: its root's own folder and its host. */
export function sessionTitle({ root, host }: ViewerSession): string {
  return displayText(`${posix.basename(root) || root} · ${host}`);
}

/** The state of a session in a few words. */
export function sessionStateText({ state }: ViewerSession): string {
  switch (state.kind) {
    case "starting":
      return state.phase === "launching" ? l10n.t("starting…") : l10n.t("opening the tunnel…");
    case "running":
      return l10n.t("running");
    case "stopping":
      return l10n.t("stopping…");
    case "stopped":
      return l10n.t("stopped");
    case "failed":
      return l10n.t("failed: {0}", describeFailure(state.failure).message);
  }
}
