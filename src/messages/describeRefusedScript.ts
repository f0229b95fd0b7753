import * as l10n from "@vscode/l10n";
import { tellingLine } from "../common/text/tellingLine.js";
import type { SshFailure } from "../ssh/model/failures.js";
import { type FailureWords, quoted, words } from "./failureWords.js";
import { hostName } from "./hostName.js";

type Refused = Extract<SshFailure, { code: "script-did-not-run" }>;

/** Explains why no command could be run, from the host's output. */
export function describeRefusedScript(failure: Refused): FailureWords {
  const { output } = failure;
  const found = situations.find(({ sign }) => sign.test(output));
  const [message, advice] = found ? found.say(hostName(failure.host)) : otherwise(failure);
  const isOurs = ourOutput.test(output) || ourScript.test(output);
  return words(message, advice, { action: "show-output", ...(!isOurs && { output }) });
}

/** The marker before our script's output, which arrived on standard error. */
const ourOutput = /^<<[0-9a-f]{24}$/m;
/** Part of our script: something on the host echoes its input. */
const ourScript = /printf '%s\\n' '<</;

const menuQuestion = /\b(your|enter a|enter your) (choice|selection|option)\b|\b(select|choose) an option\b/i;
const numberedLine = /^[[(]?([12])[\]).:]/;

/** Whether there is a line numbered 1, and a later one numbered 2. */
function isNumberedList(output: string): boolean {
  const numbers = output.split("\n").flatMap((line) => numberedLine.exec(line.trimStart())?.[1] ?? []);
  return numbers.includes("1") && numbers.lastIndexOf("2") > numbers.indexOf("1");
}

interface Situation {
  /** Matches the host's output. */
  readonly sign: { readonly test: (output: string) => boolean };
  /** What happened, and what to do. */
  readonly say: (host: string) => readonly [message: string, advice: string];
}

/** The first match is used. */
const situations: readonly Situation[] = [
  {
    sign: ourOutput,
    say: (host) => [
      l10n.t("A start-up file on {0} sends all output to standard error.", host),
      l10n.t("Look for a line such as exec 1>&2 in .bashrc there, and let it hold for terminals only."),
    ],
  },
  {
    sign: /password.{0,40}\bexpired|password change required|change your password/i,
    say: (host) => [
      l10n.t("The password of your account on {0} has expired.", host),
      l10n.t("Log in with ssh in a terminal and set a new one, then try again."),
    ],
  },
  {
    sign: /account is (currently )?not available|account (is |has been )?(locked|disabled)|\bnologin\b/i,
    say: (host) => [
      l10n.t("Your account on {0} may not log in.", host),
      l10n.t("Ask the administrator of the host for an account with a shell, such as /bin/bash."),
    ],
  },
  {
    sign: /\bsftp (connections )?only\b|\bonly (allows )?sftp\b/i,
    say: (host) => [
      l10n.t("Your account on {0} is for SFTP only: no command can be run there.", host),
      l10n.t("Ask the administrator of the host for an account that may run commands."),
    ],
  },
  {
    // In every language, cmd.exe begins with the quoted command, and PowerShell's error contains this type.
    sign: /is not recognized as (an internal|a name|the name)|^'exec' \S|^Der Befehl "exec" |CommandNotFoundException/m,
    say: (host) => [
      l10n.t("{0} runs Windows: a POSIX shell is needed.", host),
      l10n.t("Connect to a server with Linux, or make WSL's shell the one that the SSH server starts."),
    ],
  },
  {
    sign: /: restricted\b|restricted shell|(forbidden|unknown|unrecognized) command|not? (is|run) rsync|\brrsync\b|command (was )?rejected/i,
    say: (host) => [
      l10n.t("Your account or key on {0} allows certain commands only.", host),
      l10n.t(
        "Ask the administrator of the host for an account with a full shell, or a key without command= in authorized_keys.",
      ),
    ],
  },
  {
    sign: { test: (output) => isNumberedList(output) || menuQuestion.test(output) },
    say: (host) => [
      l10n.t("{0} shows a menu instead of running commands.", host),
      l10n.t("Ask the administrator of the host how a program can log in there without the menu."),
    ],
  },
];

function otherwise({ host, output, exitStatus }: Refused): readonly [message: string, advice: string] {
  const line = ourScript.test(output) ? "" : tellingLine(output);
  if (line !== "")
    return [
      l10n.t("No command could be run on {0}: {1}", hostName(host), quoted(line)),
      l10n.t(
        "A start-up file of the login shell there (such as .bashrc), or a command that its SSH server forces, stands in the way.",
      ),
    ];
  const advice = l10n.t(
    "A start-up file of the login shell there (such as .bashrc) may end early or read its input, or the account may not log in.",
  );
  return exitStatus === undefined
    ? [l10n.t("No command could be run on {0}: its login shell said nothing.", hostName(host)), advice]
    : [
        l10n.t(
          "No command could be run on {0}: its login shell ended with exit status {1} and said nothing.",
          hostName(host),
          exitStatus,
        ),
        advice,
      ];
}
