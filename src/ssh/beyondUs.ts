import { createConnection } from "node:net";
import { readFileIfPresent } from "../common/sharedFile.js";
import type { Credentials } from "./connectRequest.js";
import type { HostConfig } from "./hostConfig.js";
import { keyTypeOfBlob } from "./knownHostsFile.js";
import type { OpensshOwnLogin } from "./opensshWay.js";

/** Milliseconds for an agent to list its keys. */
const agentLimit = 3_000;
/** Bytes of its answer. */
const largestAnswer = 256 * 1024;
const requestIdentities = Buffer.from([0, 0, 0, 1, 11]);
const identitiesAnswer = 12;

/** Names the certificates and security keys that `ssh` would offer and ssh2 passes over without a word. */
export async function certificatesAndAgentKeys(
  config: HostConfig,
  credentials: Credentials,
): Promise<string[]> {
  const { identityFiles, agent } = ownLogin(config, credentials, true);
  const beside = identityFiles.map((file) => `${file}-cert.pub`);
  const present = await Promise.all(
    beside.map(async (file) => (await readFileIfPresent(file).catch(() => undefined)) !== undefined),
  );
  const types = agent === undefined || config.identitiesOnly ? [] : await agentKeyTypes(agent);
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
  onlyWhatWeCannot: boolean,
): OpensshOwnLogin {
  const { identityFiles = [], onlyGiven = false, useAgent = true } = credentials;
  return {
    kind: "own",
    identityFiles: [...new Set([...identityFiles, ...(onlyGiven ? [] : config.identityFiles)])],
    identitiesOnly: config.identitiesOnly || onlyGiven,
    agent: useAgent && !onlyGiven ? config.agents[0] : undefined,
    onlyWhatWeCannot,
  };
}

/** Asks the agent itself: ssh2 drops the types that it does not know. Empty where it does not answer. */
function agentKeyTypes(address: string): Promise<string[]> {
  return new Promise((resolve) => {
    let answer = Buffer.alloc(0);
    const socket = createConnection(address);
    const end = (types: string[]): void => {
      socket.destroy();
      resolve(types);
    };
    socket.setTimeout(agentLimit, () => end([]));
    socket.once("error", () => end([]));
    socket.once("close", () => resolve([]));
    socket.once("connect", () => socket.write(requestIdentities));
    socket.on("data", (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length < 4) return;
      const length = answer.readUInt32BE(0);
      if (length > largestAnswer) end([]);
      else if (answer.length >= 4 + length) end(keyTypesOf(answer.subarray(4, 4 + length)));
    });
  });
}

/** Type, count, then a blob and a comment for each key (draft-ietf-sshm-ssh-agent). */
function keyTypesOf(answer: Buffer): string[] {
  const types: string[] = [];
  if (answer[0] !== identitiesAnswer) return types;
  let offset = 5;
  for (let field = 0; offset + 4 <= answer.length; field += 1) {
    const next = offset + 4 + answer.readUInt32BE(offset);
    if (next > answer.length) break;
    const type = field % 2 === 0 ? keyTypeOfBlob(answer.subarray(offset + 4, next)) : undefined;
    if (type !== undefined) types.push(type);
    offset = next;
  }
  return types;
}
