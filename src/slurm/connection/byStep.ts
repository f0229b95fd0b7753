import { randomBytes } from "node:crypto";
import { Cancelled, Failure } from "../../common/failure.js";
import type { HostConfig } from "../../ssh/config/hostConfig.js";
import type { Connection } from "../../ssh/model/connection.js";
import { isSshFailure } from "../../ssh/model/failures.js";
import { unattended } from "../../ssh/model/interaction.js";
import reachScript from "../scripts/reach.sh";
import { openInside, type InsideRequest } from "./openInside.js";
import { processStream, type ProcessStream } from "./processStream.js";
import { makeSessionKeys, pinned } from "./sessionKeys.js";

/** The step ended, or its sshd did not start. */
export class StepFailed extends Error {
  constructor(
    /** Error output of srun, or of the script in the step. */
    readonly said: string,
    options?: ErrorOptions,
  ) {
    super(said, options);
  }
}

/** Milliseconds to wait for the error output of a failed step. */
const patience = 2_000;

const plainConfig: Omit<HostConfig, "hostName" | "user"> = {
  port: 22,
  identityFiles: [],
  identitiesOnly: true,
  agents: [],
  hostKeyAlias: undefined,
  knownHostsFiles: [],
  unknownHostKey: "refuse",
  connectTimeout: 20,
  serverAlive: undefined,
  authenticationMethods: ["publickey"],
  compression: false,
  route: { kind: "direct" },
  hasCertificate: false,
  hasForwards: false,
};

/**
 * Opens a connection into a job through a step, which lasts as long as the connection. Its sshd uses only the step's
 * standard streams; its host key and our key are made for this connection.
 * @param commandLine makes the step's command line from a script and its argument.
 * @throws StepFailed, or Failure `host-key-rejected`, `connection-lost`; Cancelled.
 */
export async function openByStep(
  login: Connection,
  about: Pick<InsideRequest, "target" | "endpoint" | "signal" | "logger">,
  commandLine: (script: string, argument: string) => Promise<string>,
): Promise<Connection> {
  const keys = await makeSessionKeys();
  const folder = randomBytes(12).toString("hex");
  const command = await commandLine(reachScript, folder);
  const input = [keys.host.private, `restrict,pty,port-forwarding ${keys.person.public}\n`]
    .map((text) => `${Buffer.from(text).toString("base64")}\n`)
    .join("");
  const process = await login.spawn(command, {
    slot: "stays",
    signal: about.signal,
    input: Buffer.from(input),
  });
  const step = processStream(process);
  try {
    const { host: hostName, user } = about.endpoint;
    const connection = await openInside({
      ...about,
      dial: () => Promise.resolve(step.stream),
      config: { ...plainConfig, hostName, user },
      credentials: { privateKeys: [keys.person.private], onlyGiven: true, useAgent: false },
      knownHosts: pinned(keys.host.public),
      interaction: unattended,
    });
    // The keys are no longer needed.
    await connection.exec(`rm -rf /tmp/runicorn-way-${folder}`, { timeout: 20_000 });
    return connection;
  } catch (error) {
    step.stream.destroy();
    if (error instanceof Cancelled || isSshFailure(error, "host-key-rejected")) throw error;
    if (login.state !== "open") throw error;
    throw new StepFailed(await whatWasSaid(step, process.ended), { cause: error });
  }
}

async function whatWasSaid({ said }: ProcessStream, ended: Promise<unknown>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([ended, new Promise((resolve) => (timer = setTimeout(resolve, patience)))]);
  clearTimeout(timer);
  return said();
}

/** The reason for a failure, as text. */
export function reasonOf(error: unknown): string {
  if (error instanceof StepFailed) return error.said || reasonOf(error.cause);
  return error instanceof Failure ? error.detail.code : String(error);
}
