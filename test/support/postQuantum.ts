import { execFileSync } from "node:child_process";

/** Of the key exchanges that the installed ssh has, those that only post-quantum servers insist on. */
const exchanges = execFileSync("ssh", ["-Q", "kex"], { encoding: "utf8" })
  .split("\n")
  .filter((name) => /^(mlkem768x25519|sntrup761x25519)/.test(name));

/** Lines of sshd_config: nothing but the system's ssh connects to such a server. */
export const postQuantumOnly: readonly string[] = [`KexAlgorithms ${exchanges.join(",")}`];
