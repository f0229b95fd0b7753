import * as l10n from "@vscode/l10n";
import { displayText } from "../common/text/displayText.js";
import type { ViewerSession } from "../viewer/session/session.js";

/** Said of a viewer that all accounts of its host reach; undefined for one that listens on a socket for its own. */
export function openToAccounts({ host, state }: ViewerSession): string | undefined {
  return state.kind === "running" && "port" in state.remote.address
    ? l10n.t(
        "This viewer listens on a port of {0}: every account there can read these runs, and delete them.",
        displayText(host),
      )
    : undefined;
}
