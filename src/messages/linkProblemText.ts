import * as l10n from "@vscode/l10n";
import type { LinkProblem } from "../relay/wire/link.js";

/** Explains why there is no connection to the main server. */
export function linkProblemText(problem: LinkProblem): string {
  switch (problem) {
    case "refused":
      return l10n.t("The main server refuses connections.");
    case "not-found":
      return l10n.t("No host has the main server's name.");
    case "unreachable":
      return l10n.t("The main server cannot be reached.");
    case "timed-out":
      return l10n.t("The main server does not answer.");
    case "certificate":
      return l10n.t("The main server's certificate is not trusted.");
    case "certificate-expired":
      return l10n.t("The main server's certificate has expired.");
    case "certificate-not-yet-valid":
      return l10n.t("The main server's certificate is not valid yet. Check the clock of this machine.");
    case "certificate-of-another":
      return l10n.t("The main server's certificate is for another name.");
    case "proxy-login":
      return l10n.t("The HTTP proxy on the way wants a user name and a password (HTTPS_PROXY).");
    case "unauthorized":
      return l10n.t("The main server does not accept the proxy id or the API key.");
    case "not-a-relay-server":
      return l10n.t("What answers is not a relay's main server.");
    case "closed":
      return l10n.t("The main server closed the connection.");
    case "went-silent":
      return l10n.t("The main server went silent.");
  }
}
