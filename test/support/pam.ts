import { chmod, rm, symlink, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { codeSecret } from "./oneTimeCode.js";
import { ensureProgram } from "./packages.js";

/** Whether this machine lets us say how a server checks passwords: PAM reads its rules from /etc alone. */
export const canCheckPasswords = process.getuid?.() === 0;

export interface Factors {
  /** Taken from everybody. */
  readonly password?: string;
  /** Asks for the code of an authenticator app (see oneTimeCode.ts), after the password where both are wanted. */
  readonly code?: boolean;
}

/**
 * Lets a program that uses PAM ask for a password or a code, and touches no account of the machine. PAM knows a program
 * by its name, so it gets one of its own.
 * @param folder is the server's own; its name must be unique.
 * @returns the path to start the program by.
 */
export async function withFactors(
  program: string,
  folder: string,
  { password, code = false }: Factors,
): Promise<{ readonly program: string; dispose(): Promise<void> }> {
  // PAM looks for the name in lower case.
  const service = `sshd${folder.replace(/[^A-Za-z0-9]+/g, "-")}`.toLowerCase();
  const named = join(folder, service);
  await symlink(program, named);
  const rules = join("/etc/pam.d", service);
  const lines = [
    ...(password === undefined ? [] : [await passwordRule(folder, password)]),
    ...(code ? [await codeRule(folder)] : []),
    "account required pam_permit.so",
    "session required pam_permit.so",
  ];
  await writeFile(rules, `${lines.join("\n")}\n`);
  return { program: named, dispose: () => rm(rules, { force: true }) };
}

async function passwordRule(folder: string, password: string): Promise<string> {
  const check = join(folder, "check-password");
  const expected = join(folder, "password");
  await writeFile(expected, password);
  await writeFile(check, `#!/bin/sh\n[ "$(cat)" = "$(cat '${expected}')" ]\n`);
  await chmod(check, 0o755);
  return `auth requisite pam_exec.so quiet expose_authtok ${check}`;
}

async function codeRule(folder: string): Promise<string> {
  ensureProgram("google-authenticator", "libpam-google-authenticator");
  const secret = join(folder, "authenticator");
  await writeFile(secret, `${codeSecret}\n" WINDOW_SIZE 5\n" TOTP_AUTH\n`, { mode: 0o600 });
  return `auth required pam_google_authenticator.so secret=${secret} user=${userInfo().username} echo_verification_code`;
}
