import * as l10n from "@vscode/l10n";
import { describeFailure } from "../../messages/describeFailure.js";
import type { HostState } from "./hosts.js";

/** The text for the state of a host. */
export function hostStateText(state: HostState): string {
  switch (state.kind) {
    case "connected":
      return l10n.t("connected");
    case "connecting":
      return l10n.t("connecting…");
    case "reconnecting":
      return l10n.t("reconnecting…");
    case "needs-person":
      return isKeyChanged(state) ? l10n.t("key changed") : l10n.t("not connected");
    case "not-connected":
      return l10n.t("not connected");
  }
}

/** Whether connecting failed because the host key changed. */
export function isKeyChanged(state: HostState): boolean {
  return state.kind === "needs-person" && describeFailure(state.failure).action === "compare-host-keys";
}
