import { readFileIfPresent } from "../../common/files/sharedFile.js";
import type { Credentials } from "../model/connectRequest.js";
import type { HostConfig } from "../config/hostConfig.js";
import type { OpensshOwnLogin } from "../model/opensshRoute.js";
import { askAgent } from "./askAgent.js";

/** Lists certificates and security keys that `ssh` would offer and ssh2 silently ignores. */
export async function certificatesAndAgentKeys(
  config: HostConfig,
  credentials: Credentials,
): Promise<string[]> {
  const { identityFiles, agent } = ownLogin(config, credentials, true);
  const beside = identityFiles.map((file) => `${file}-cert.pub`);
  const present = await Promise.all(
    beside.map(async (file) => (await readFileIfPresent(file).catch(() => undefined)) !== undefined),
  );
  const answer = agent === undefined || config.identitiesOnly ? undefined : await askAgent(agent);
  const types = answer?.kind === "listed" ? answer.types : [];
  return [
    ...(config.hasCertificate ? ["CertificateFile"] : []),
    ...beside.filter((_, index) => present[index]),
    ...types.filter((type) => /^sk-|-cert-v01@/.test(type)).map((type) => `agent (${type})`),
  ];
}

/** What ssh may use of what the person and the configuration name. */
export function ownLogin(
  config: HostConfig,
  credentials: Credentials,
  onlyOpensshKeyTypes: boolean,
): OpensshOwnLogin {
  const { identityFiles = [], onlyGiven = false, useAgent = true } = credentials;
  return {
    kind: "own",
    identityFiles: [...new Set([...identityFiles, ...(onlyGiven ? [] : config.identityFiles)])],
    identitiesOnly: config.identitiesOnly || onlyGiven,
    agent: useAgent && !onlyGiven ? config.agents[0] : undefined,
    onlyOpensshKeyTypes,
  };
}
