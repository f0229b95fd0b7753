import * as l10n from "@vscode/l10n";
import type { At, SshFailure } from "../ssh/model/failures.js";
import { describeRefusedScript } from "./describeRefusedScript.js";
import { type FailureWords, quoted, words } from "./failureWords.js";
import { hostName } from "./hostName.js";
import { silentAgentWords } from "./serverWords.js";

/** Describes failures of SSH connections. */
// eslint-disable-next-line max-lines-per-function -- one case for each code, which the compiler counts
export function describeSshFailure(failure: SshFailure): FailureWords {
  switch (failure.code) {
    case "target-invalid":
      return words(
        l10n.t("{0} is not a host that can be connected to.", quoted(failure.text)),
        l10n.t("Enter user@host[:port] or a Host from ~/.ssh/config."),
      );
    case "name-unfit-for-command":
      return words(
        l10n.t(
          "{0} cannot stand in the ProxyCommand for {1} in place of {2}: a shell reads it otherwise.",
          quoted(failure.name),
          quoted(failure.host),
          failure.token,
        ),
        l10n.t("Name the host and the user in ~/.ssh/config (HostName, User), and connect to its Host."),
      );
    case "ssh-config-refused":
      return describeRefusedConfig(failure);
    case "jump-loop":
      return words(
        l10n.t("ProxyJump loop on the way to {0}.", at(failure)),
        l10n.t("Check ProxyJump in ~/.ssh/config: a jump host must not be reached through itself."),
      );
    case "hop-failed":
      return words(
        l10n.t("{0} cannot reach {1}: {2}", at(failure), quoted(failure.next), quoted(failure.reason)),
        l10n.t(
          "Check whether the next host is switched on, and whether the jump host allows TCP forwarding (AllowTcpForwarding).",
        ),
        { action: "retry" },
      );
    case "proxy-command-failed":
      return words(
        l10n.t("The ProxyCommand for {0} ended: {1}", at(failure), quoted(failure.output)),
        l10n.t("Check the command in ~/.ssh/config: {0}", quoted(failure.command)),
        { action: "retry", output: failure.output },
      );
    case "host-not-found":
      return words(
        l10n.t("No host has the name {0}.", hostName(failure.host)),
        l10n.t("Check the spelling, and whether a VPN is needed."),
        { action: "retry" },
      );
    case "connection-refused":
      return words(
        l10n.t("{0} refuses connections.", at(failure)),
        l10n.t("Check the port, and whether the SSH server runs."),
        { action: "retry" },
      );
    case "connect-timed-out":
      return words(
        l10n.t("{0} does not answer.", at(failure)),
        l10n.t("Check the network, a VPN, and whether the host is switched on."),
        { action: "retry" },
      );
    case "login-timed-out":
      return words(
        l10n.t("{0} let nobody in within {1} seconds.", at(failure), failure.seconds),
        failure.said === ""
          ? l10n.t(
              "Its SSH server answers, but the login does not get on. Try again, or ask its administrator.",
            )
          : l10n.t("It may wait until you confirm the login elsewhere. Read what it says, then try again."),
        { action: "retry", output: failure.said },
      );
    case "network-unreachable":
      return words(
        l10n.t("No route to {0} from this network.", at(failure)),
        l10n.t("Check the network, and whether a VPN is needed."),
        { action: "retry" },
      );
    case "not-an-ssh-server":
      return words(
        l10n.t("What answers at {0} is not an SSH server.", at(failure)),
        l10n.t("Check the port."),
        { action: "show-log" },
      );
    case "packet-too-long":
      return words(
        l10n.t("{0} sends more at once than Runicorn Remote can read: a long banner, perhaps.", at(failure)),
        failure.openssh === undefined
          ? l10n.t("Ask its administrator for a banner of less than 34 KB.")
          : l10n.t("OpenSSH was tried too, and says: {0}", quotedLines(failure.openssh)),
        { action: "show-log" },
      );
    case "too-much-before-login":
      return words(
        l10n.t("{0} sends more than anybody needs to log in, so the connection was ended.", at(failure)),
        l10n.t("Check the port. If it is the right one, tell the administrator of the host."),
        { action: "show-log" },
      );
    case "no-common-algorithm":
      return words(
        l10n.t(
          "{0} and Runicorn Remote have no algorithm in common ({1}).",
          at(failure),
          quoted(failure.reason),
        ),
        failure.openssh === undefined
          ? l10n.t("The server may be very old, or allow post-quantum key exchange only.")
          : (outdatedWords(failure.openssh) ??
              l10n.t("OpenSSH was tried too, and says: {0}", quotedLines(failure.openssh))),
        { action: "show-log", output: failure.openssh ?? "" },
      );
    case "host-key-not-trusted":
      return words(
        l10n.t("The host key of {0} was not trusted, so nothing was sent.", at(failure)),
        failure.refusedBy === "answer"
          ? l10n.t("Its fingerprint is {0}.", failure.key.fingerprint)
          : l10n.t(
              "Its fingerprint is {0}. StrictHostKeyChecking in ~/.ssh/config forbids to ask: add the key to a known_hosts file, or change that.",
              failure.key.fingerprint,
            ),
        { action: "retry" },
      );
    case "openssh-host-key-refused":
      return words(
        l10n.t("OpenSSH does not trust the host key of {0}, so it was not used.", at(failure)),
        l10n.t("Connect once with ssh in a terminal to see why."),
        { action: "show-output", output: failure.output },
      );
    case "host-key-rejected":
      return describeRejectedKey(failure);
    case "authentication-failed":
      return words(
        l10n.t("Authentication failed: {0} rejected user {1}.", at(failure), quoted(failure.user)),
        [
          failure.openssh === undefined || failure.tried.length > 0
            ? triedAndRemaining(failure.tried, failure.remaining)
            : "",
          skippedWords(failure),
          failure.silentAgent === undefined ? "" : silentAgentWords(failure.silentAgent),
        ]
          .filter(Boolean)
          .join(" "),
        { action: "retry", output: failure.said ?? "" },
      );
    case "too-many-failures":
      return words(
        l10n.t("Too many failed attempts to log in to {0} as {1}.", at(failure), quoted(failure.user)),
        l10n.t(
          "Tried: {0}. Name the right key with IdentityFile and IdentitiesOnly in ~/.ssh/config.",
          quoted(failure.tried.join(", ")),
        ),
        { action: "retry" },
      );
    case "identity-file-unreadable":
      return failure.file === undefined
        ? words(
            l10n.t("The private key that was given cannot be used: {0}.", quoted(failure.reason)),
            l10n.t("Give the whole text of another one."),
          )
        : words(
            l10n.t("The private key {0} cannot be used: {1}.", quoted(failure.file), quoted(failure.reason)),
            l10n.t("Choose another key file."),
          );
    case "connection-lost":
      return words(
        l10n.t("The connection to {0} was lost.", at(failure)),
        l10n.t(
          "Check the network and connect again. If that happens each time, the server ends it, and its log says why.",
        ),
        { action: "retry" },
      );
    case "disconnected":
      return words(
        failure.reason === ""
          ? l10n.t("{0} closed the connection before login.", at(failure))
          : l10n.t("{0} ended the connection: {1}", at(failure), quoted(failure.reason)),
        l10n.t(
          "It may be busy, refuse this address after failed logins, or not be an SSH server. Check the port, wait a little, then try again.",
        ),
        { action: "retry", output: failure.said ?? "" },
      );
    case "connection-unknown":
      return words(l10n.t("{0} is not connected.", quoted(failure.id)), l10n.t("Connect to the host."));
    case "exec-timed-out":
      return words(
        l10n.t("A command on {0} did not end within {1} seconds.", hostName(failure.host), failure.seconds),
        l10n.t("The host may be busy, or a network disk of it does not answer."),
        { action: "retry" },
      );
    case "channel-refused":
      return words(
        l10n.t("{0} refused to open another channel: {1}", hostName(failure.host), quoted(failure.reason)),
        l10n.t("Close other sessions on that host, or ask its administrator about MaxSessions."),
        { action: "retry" },
      );
    case "script-did-not-run":
      return describeRefusedScript(failure);
    case "shell-ended":
      return words(
        l10n.t("The shell on {0} that ran our commands ended before they did.", hostName(failure.host)),
        l10n.t("Somebody or something on the host may have ended it. Try again."),
        { action: "retry" },
      );
    case "value-has-nul":
      return words(
        l10n.t("A value holds a NUL character, which no command can take."),
        l10n.t("Remove it and try again."),
      );
  }
}

function describeRefusedConfig(failure: Extract<SshFailure, { code: "ssh-config-refused" }>): FailureWords {
  const { said, file, line } = failure;
  const [first = ""] = said.split(/[\r\n]+/);
  return words(
    l10n.t("ssh does not take its configuration: {0}", quoted(first)),
    file === undefined
      ? l10n.t("Try the same in a terminal: ssh -G, then the host.")
      : l10n.t("Correct that line. Where another ssh knows it, name that program in RUNICORN_SSH_PATH."),
    {
      action: file === undefined ? "retry" : "open-file",
      output: said,
      place: file === undefined ? undefined : { file, line: line ?? 1 },
    },
  );
}

function describeRejectedKey(failure: Extract<SshFailure, { code: "host-key-rejected" }>): FailureWords {
  const { key, verdict } = failure;
  switch (verdict.kind) {
    case "changed": {
      const [known] = verdict.known;
      return words(
        l10n.t("The host key of {0} has changed. Somebody may be pretending to be this host.", at(failure)),
        l10n.t(
          "Known: {0} (line {1} of {2}).\nOffered: {3}.\nAsk the administrator; if the change is right, compare the keys and replace the old one.",
          known?.key.fingerprint ?? "",
          known?.line ?? 0,
          quoted(known?.file ?? ""),
          key.fingerprint,
        ),
        { action: "compare-host-keys" },
      );
    }
    case "revoked":
      return words(
        l10n.t("The host key of {0} is revoked and must not be trusted.", at(failure)),
        l10n.t("It is marked @revoked in {0}.", quoted(verdict.file)),
      );
    case "ca-only":
      return words(
        l10n.t(
          "{0} is known by a certificate authority only: just OpenSSH can check its certificate.",
          at(failure),
        ),
        failure.openssh === undefined
          ? l10n.t(
              "The system's ssh checks certificates on Linux and macOS. Elsewhere add the host's own key to ~/.ssh/known_hosts: ssh-keyscan prints it.",
            )
          : l10n.t("OpenSSH was tried too, and says: {0}", quotedLines(failure.openssh)),
        { output: failure.openssh ?? "" },
      );
    case "unreadable":
      return words(
        l10n.t(
          "{0} cannot be read, so the host key of {1} cannot be checked.",
          quoted(verdict.file),
          at(failure),
        ),
        l10n.t("Check its permissions, then try again."),
        { action: "retry" },
      );
  }
}

function triedAndRemaining(tried: readonly string[], remaining: readonly string[]): string {
  const accepted = remaining.join(", ") || "-";
  if (tried.length === 0) return l10n.t("Nothing could be tried. The server accepts: {0}.", quoted(accepted));
  return l10n.t("Tried: {0}. The server accepts: {1}.", quoted(tried.join(", ")), quoted(accepted));
}

function skippedWords({ skipped, openssh }: Extract<SshFailure, { code: "authentication-failed" }>): string {
  if (openssh !== undefined) {
    const what = quoted(skipped.join(", ") || "-");
    const said = l10n.t(
      "OpenSSH tried security keys and certificates ({0}) and says: {1}",
      what,
      quotedLines(openssh),
    );
    if (!refusedPin.test(openssh)) return said;
    const pin = l10n.t("The PIN may have been wrong: a security key locks itself after a few wrong ones.");
    return `${said} ${pin}`;
  }
  if (skipped.length === 0) return "";
  return l10n.t(
    "Security keys and certificates cannot be used here: {0}. Load another key into the agent, or name one with IdentityFile.",
    quoted(skipped.join(", ")),
  );
}

/** The ssh_config keyword that enables the algorithms of a server. */
const algorithmKeywords: readonly (readonly [what: RegExp, keyword: string])[] = [
  [/no matching host key type found/, "HostKeyAlgorithms"],
  [/no matching key exchange method found/, "KexAlgorithms"],
  [/no matching cipher found/, "Ciphers"],
  [/no matching MAC found/, "MACs"],
];

/** Explains that a server offers only algorithms that ssh has disabled, and how to enable one. */
function outdatedWords(said: string): string | undefined {
  const [, keyword] = algorithmKeywords.find(([what]) => what.test(said)) ?? [];
  const [, offer] = /Their offer: ([\w@.,-]+)/.exec(said) ?? [];
  if (keyword === undefined || offer === undefined) return undefined;
  const [first = ""] = offer.split(",");
  return l10n.t(
    "The server offers {0} only. Ask its administrator to update it. To take that nevertheless, write {1} for this host into ~/.ssh/config.",
    quoted(offer),
    quoted(`${keyword} +${first}`),
  );
}

/** For security keys, ssh reports a wrong PIN as an incorrect passphrase. */
const refusedPin = /signing failed for (ED25519|ECDSA)-SK\b.*incorrect passphrase/;

function quotedLines(text: string): string {
  const lines = text.split(/[\r\n]+/).map((line) => line.trim());
  return quoted(lines.filter(Boolean).join("; "));
}

function at({ host, port, onTheWayTo }: At): string {
  const name = port === 22 ? hostName(host) : `${hostName(host)}:${port}`;
  return onTheWayTo === undefined ? name : l10n.t("{0} (on the way to {1})", name, quoted(onTheWayTo));
}
