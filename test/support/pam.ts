import { chmod, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Whether this machine lets us say how a server checks passwords: PAM reads its rules from /etc alone. */
export const canCheckPasswords = process.getuid?.() === 0;

/**
 * Lets a program that uses PAM take one password for everybody, and touches no account of the machine. PAM knows a
 * program by its name, so it gets one of its own.
 * @param folder is the server's own; its name must be unique.
 * @returns the path to start the program by.
 */
export async function withPassword(
  program: string,
  folder: string,
  password: string,
): Promise<{ readonly program: string; dispose(): Promise<void> }> {
  // PAM looks for the name in lower case.
  const service = `sshd${folder.replace(/[^A-Za-z0-9]+/g, "-")}`.toLowerCase();
  const named = join(folder, service);
  const check = join(folder, "check-password");
  const expected = join(folder, "password");
  await symlink(program, named);
  await writeFile(expected, password);
  await writeFile(check, `#!/bin/sh\n[ "$(cat)" = "$(cat '${expected}')" ]\n`);
  await chmod(check, 0o755);
  const rules = join("/etc/pam.d", service);
  const lines = [
    `auth required pam_exec.so quiet expose_authtok ${check}`,
    "account required pam_permit.so",
    "session required pam_permit.so",
  ];
  await writeFile(rules, `${lines.join("\n")}\n`);
  return { program: named, dispose: () => rm(rules, { force: true }) };
}
