import { homedir } from "node:os";
import * as l10n from "@vscode/l10n";
import { displayText } from "../../common/text/displayText.js";
import { readKeyFile } from "../../ssh/login/keyFiles.js";

/** A problem of a key file; empty if it is usable. @param file absolute, or below `~/`; may be empty. */
export async function keyRemark(file: string): Promise<string> {
  if (file === "") return "";
  const { default: ssh2 } = await import("ssh2");
  const read = await readKeyFile(
    file.replace(/^~(?=[\\/])/, () => homedir()),
    ssh2.utils.parseKey,
  );
  switch (read.kind) {
    case "usable":
      return "";
    case "encrypted":
      return l10n.t("Its passphrase is asked for when it is used, and kept in memory only.");
    case "security-key":
      return l10n.t("A security key: OpenSSH uses it, and you touch it.");
    case "missing":
      return l10n.t("There is no such file.");
    case "unreadable":
      return l10n.t("It cannot be used: {0}", displayText(read.reason));
  }
}
