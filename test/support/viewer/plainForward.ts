import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { ensureProgram } from "../packages.js";
import { freePort } from "../ports.js";
import type { Sshd } from "../sshd.js";
import { until } from "../until.js";

/** An `ssh -L` as anybody with an account there can start it: a local port that leads to an address on the host. */
export interface PlainForward {
  readonly port: number;
  stop(): Promise<void>;
}

/** @param destination what stands behind the port in `-L`. */
export async function startForward(server: Sshd, user: string, destination: string): Promise<PlainForward> {
  const port = await freePort();
  const options = ["-F", "none", "-N", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no"];
  options.push(
    "-o",
    "UserKnownHostsFile=/dev/null",
    "-o",
    "ExitOnForwardFailure=yes",
    "-o",
    "LogLevel=ERROR",
  );
  options.push("-i", server.identityFile, "-o", "IdentitiesOnly=yes", "-p", String(server.port));
  options.push("-L", `127.0.0.1:${port}:${destination}`, "--", `${user}@${server.host}`);
  const child: ChildProcess = spawn(ensureProgram("ssh", "openssh-client"), options, { stdio: "ignore" });
  const ended = once(child, "exit");
  await until("it listens", async () => {
    if (child.exitCode !== null) throw new Error(`ssh of ${user} has ended`);
    const socket = connect(port, "127.0.0.1");
    const [isOpen] = await Promise.race([
      once(socket, "connect").then(() => [true]),
      once(socket, "error").then(() => [false]),
    ]).catch(() => [false]);
    socket.destroy();
    return isOpen === true;
  });
  return {
    port,
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}
