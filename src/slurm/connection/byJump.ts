import type { ReadConfig } from "../../ssh/config/config.js";
import { knownHostsName } from "../../ssh/hostKeys/knownHostsFile.js";
import type { KnownHosts } from "../../ssh/hostKeys/knownHosts.js";
import type { Connection } from "../../ssh/model/connection.js";
import type { Interaction } from "../../ssh/model/interaction.js";
import { openInside, type InsideRequest } from "./openInside.js";

export interface JumpParts {
  readonly readConfig: ReadConfig;
  readonly knownHosts: KnownHosts;
}

/** Whether the host key of a node is known, so that connecting to it needs no question about it. */
export async function isNodeKnown(node: string, login: Connection, parts: JumpParts): Promise<boolean> {
  const config = await parts.readConfig({ host: node, user: login.endpoint.user });
  const name = knownHostsName(config.hostKeyAlias ?? config.hostName, config.hostKeyAlias ? 22 : config.port);
  return (await parts.knownHosts.knownTypes(name, config.knownHostsFiles)).length > 0;
}

/**
 * Opens a connection to a node through the login node, as `ssh -J` does.
 * @throws Failure with an `SshFailure`, or Cancelled.
 */
export async function openByJump(
  node: string,
  login: Connection,
  about: Pick<InsideRequest, "target" | "endpoint" | "signal" | "logger">,
  interaction: Interaction,
  { readConfig, knownHosts }: JumpParts,
): Promise<Connection> {
  const config = await readConfig({ host: node, user: login.endpoint.user });
  return openInside({
    ...about,
    knownAs: { host: config.hostName, port: config.port },
    config: { ...config, route: { kind: "direct" } },
    dial: () => login.forward(config.hostName, config.port),
    credentials: {},
    knownHosts,
    interaction,
  });
}
