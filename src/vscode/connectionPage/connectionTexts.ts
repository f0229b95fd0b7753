import * as l10n from "@vscode/l10n";
import type { ConnectionTexts } from "./toConnectionPage.js";

/** The texts of the form, localized. */
export function connectionTexts(): ConnectionTexts {
  return {
    title: l10n.t("Edit Connection"),
    intro: l10n.t(
      "What is open now goes on as it is. Host, login and jump hosts count from the next connection on, environment, storage root and local port from the next viewer.",
    ),
    groups: {
      host: l10n.t("Host"),
      login: l10n.t("Login"),
      way: l10n.t("Jump Hosts"),
      viewer: l10n.t("Viewer"),
    },
    labels: {
      name: l10n.t("Name"),
      host: l10n.t("Host"),
      user: l10n.t("User"),
      port: l10n.t("Port"),
      authentication: l10n.t("Authentication"),
      keyFile: l10n.t("Key file"),
      jump: l10n.t("Jump hosts"),
      lines: l10n.t("Lines to run before"),
      python: l10n.t("Python environment"),
      root: l10n.t("Storage root"),
      localPort: l10n.t("Local port"),
    },
    hints: hints(),
    authentications: {
      automatic: l10n.t("As OpenSSH does: agent, keys, then questions"),
      key: l10n.t("By the key file alone"),
      password: l10n.t("By password or the server's questions, no key"),
    },
    problems: problemTexts(),
    browse: {
      keyFile: l10n.t("Browse…"),
      python: l10n.t("Choose…"),
      root: l10n.t("Choose…"),
    },
    saveFirst: l10n.t("Save first: this looks around on the host."),
    passwordSaved: l10n.t("A password is saved for this connection."),
    forgetPassword: l10n.t("Forget Saved Password…"),
    save: l10n.t("Save"),
    revert: l10n.t("Revert"),
    test: l10n.t("Test Connection"),
    cancel: l10n.t("Cancel"),
    testTitle: l10n.t("Test of the connection"),
    unsaved: l10n.t("Not saved yet."),
    mend: l10n.t("Fix the marked fields first."),
  };
}

function hints(): ConnectionTexts["hints"] {
  return {
    name: l10n.t("Empty: the host's own."),
    host: l10n.t("A name, an address, or a Host of ~/.ssh/config."),
    user: l10n.t("Empty: as ~/.ssh/config says."),
    port: l10n.t("Empty: as ~/.ssh/config says, else 22."),
    keyFile: l10n.t("A private key on this machine. Only its path is kept."),
    jump: l10n.t(
      "user@host:port, the nearest first, with commas between them. Empty: as ~/.ssh/config says; none: straight to the host.",
    ),
    lines: l10n.t(
      "Shell commands for this host, one on each line, such as module load python or export NAME=value. They run before Python environments are looked for, before a viewer starts and before Runicorn is installed. They are kept on this machine and are not exported.",
    ),
    python: l10n.t("The path of a Python on the host. Empty: you are asked."),
    root: l10n.t("The folder on the host that holds the runs. Empty: you are asked."),
    localPort: l10n.t("Where its viewer opens on this machine. Empty: a free port, the same each time."),
  };
}

function problemTexts(): ConnectionTexts["problems"] {
  return {
    "too-long": l10n.t("At most 1000 characters, all on one line."),
    "host-missing": l10n.t("Enter a host."),
    "host-invalid": l10n.t("This is no host name. User and port have fields of their own."),
    "host-taken": l10n.t("Another connection leads to this host, with this user and port."),
    "user-invalid": l10n.t("This is no user name that ssh takes."),
    "port-invalid": l10n.t("A port is a number from 1 to 65535."),
    "key-missing": l10n.t("Choose a key file, or another authentication."),
    "key-relative": l10n.t("Write an absolute path, or one that starts with ~/."),
    "jump-invalid": l10n.t("Write user@host:port, with commas between several."),
    "lines-invalid": l10n.t("At most 50 lines and 8000 characters, without control characters."),
    "python-relative": l10n.t("Write an absolute path on the host."),
    "root-relative": l10n.t("Write an absolute path, or one that starts with ~/."),
    "local-port-invalid": l10n.t("A port is a number from 1024 to 65535."),
  };
}
