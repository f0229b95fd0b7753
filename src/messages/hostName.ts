import * as l10n from "@vscode/l10n";
import { isThisMachine } from "../ssh/model/thisMachine.js";
import { quoted } from "./failureWords.js";

/** What a sentence calls a host: its name as it was written, fit for a screen, or this machine. */
export function hostName(host: string): string {
  return isThisMachine({ host }) ? l10n.t("this machine") : quoted(host);
}
