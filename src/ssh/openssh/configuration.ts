import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SshProgram } from "../config/sshProgram.js";
import type { OpensshHost, OpensshLogin } from "../model/opensshRoute.js";
import { formatJumpHosts } from "../model/target.js";

/** What ssh says when it does not trust a host, or could not ask about it. */
export const hostKeyVerdict =
  /host key verification failed|host identification has changed|host key is known|revoked/i;

/** A configuration file for `ssh -F`, and the files that it names, by their names. */
export interface OpensshFiles {
  readonly configuration: string;
  readonly publicKeys: ReadonlyMap<string, string>;
}

/** The login is by keys alone there: passphrases and PINs are all that it can ask for. */
const asking: readonly string[] = ["BatchMode no", "NumberOfPasswordPrompts 3"];

/** No prompts, no writes to known_hosts, no agent or X11 forwarding, no other listening sockets. */
const forEveryHost: readonly string[] = [
  "BatchMode yes",
  "StrictHostKeyChecking yes",
  "UpdateHostKeys no",
  "ExitOnForwardFailure yes",
  "ServerAliveInterval 15",
  "ServerAliveCountMax 3",
  "ControlMaster no",
  "ControlPath none",
  "ForwardAgent no",
  "ForwardX11 no",
  "PermitLocalCommand no",
  "RemoteCommand none",
  "RequestTTY no",
  "StreamLocalBindUnlink yes",
  "LogLevel ERROR",
];

/** What a configuration could do to the command that we hold; keywords of OpenSSH 8.7. */
const sinceVersion8_7: readonly string[] = [
  "ForkAfterAuthentication no",
  "StdinNull no",
  "SessionType default",
];

/** The algorithms of a host that shows a certificate. */
export const hostCertificateTypes: readonly string[] = [
  "ssh-ed25519-cert-v01@openssh.com",
  "ecdsa-sha2-nistp256-cert-v01@openssh.com",
  "ecdsa-sha2-nistp384-cert-v01@openssh.com",
  "ecdsa-sha2-nistp521-cert-v01@openssh.com",
  "rsa-sha2-512-cert-v01@openssh.com",
  "rsa-sha2-256-cert-v01@openssh.com",
];

/** Certificates and security keys. */
const opensshOnlyKeyTypes: readonly string[] = [
  "ssh-ed25519-cert-v01@openssh.com",
  "ecdsa-sha2-nistp256-cert-v01@openssh.com",
  "ecdsa-sha2-nistp384-cert-v01@openssh.com",
  "ecdsa-sha2-nistp521-cert-v01@openssh.com",
  "rsa-sha2-512-cert-v01@openssh.com",
  "rsa-sha2-256-cert-v01@openssh.com",
  "sk-ssh-ed25519-cert-v01@openssh.com",
  "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
  "sk-ssh-ed25519@openssh.com",
  "sk-ecdsa-sha2-nistp256@openssh.com",
];

/** AES-GCM carries 1.4 times as much as OpenSSH's own first choice; what the user's configuration says comes before. */
const defaultsBehindTheUsers: readonly string[] = [
  "Ciphers aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr",
];

/**
 * The first value counts in ssh_config(5): ours come before the user's files, and what is only a default after them.
 * @param folder where the public keys will lie.
 * @param included the user's and the system's configuration files.
 * @param mayAsk whether ssh may ask about keys that it finds by itself.
 * @param knows8_7 whether ssh knows the keywords of that version.
 * @returns undefined where a path holds what no configuration file can say.
 */
export function opensshFiles(
  hosts: readonly OpensshHost[],
  folder: string,
  included: readonly string[],
  mayAsk = false,
  knows8_7 = false,
): OpensshFiles | undefined {
  const publicKeys = new Map<string, string>();
  const publicKeyFile = (publicKey: string): string => {
    const name = `key-${publicKeys.size}.pub`;
    publicKeys.set(name, `${publicKey}\n`);
    return `${folder}/${name}`;
  };
  const paths = [...included, folder, ...hosts.flatMap(pathsOf)];
  if (!paths.every(canBeWritten)) return undefined;
  const blocks = hosts.map((host) => blockOf(host, publicKeyFile, mayAsk));
  const configuration = [
    ...blocks.flat(),
    "Host *",
    ...forEveryHost,
    ...(knows8_7 ? sinceVersion8_7 : []),
    ...included.map((file) => `Include ${quoted(file)}`),
    "Host *",
    ...defaultsBehindTheUsers,
    "",
  ].join("\n");
  return { configuration, publicKeys };
}

/**
 * Writes the configuration for `ssh -F`, and what it names, into a folder for us alone.
 * @param mayAsk whether ssh may ask about keys that it finds by itself.
 * @returns its path, or undefined where a path holds what no configuration file can say.
 */
export async function writeOpensshFiles(
  hosts: readonly OpensshHost[],
  folder: string,
  program: SshProgram,
  mayAsk = false,
): Promise<string | undefined> {
  const [included, knows8_7] = await Promise.all([program.configurationFiles(), program.isAtLeast(8, 7)]);
  const files = opensshFiles(hosts, folder, included, mayAsk, knows8_7);
  if (!files) return undefined;
  for (const [name, text] of files.publicKeys) await writeFile(join(folder, name), text, { mode: 0o600 });
  const configuration = join(folder, "config");
  await writeFile(configuration, files.configuration, { mode: 0o600 });
  return configuration;
}

function pathsOf({ login, knownHostsFiles }: OpensshHost): string[] {
  switch (login.kind) {
    case "nothing":
      return [...knownHostsFiles];
    case "file":
      return [...knownHostsFiles, login.path];
    case "agent":
      return [...knownHostsFiles, login.address];
    case "own":
      return [
        ...knownHostsFiles,
        ...login.identityFiles,
        ...(login.agent === undefined ? [] : [login.agent]),
      ];
  }
}

function blockOf(host: OpensshHost, publicKeyFile: (publicKey: string) => string, mayAsk: boolean): string[] {
  const { target, login, knownHostsFiles, hostKeyTypes, signsWithSha1 = false, jump } = host;
  const algorithms = hostKeyTypes.map((type) => algorithmsOf(type, signsWithSha1));
  return [
    `Host ${target.host}`,
    `UserKnownHostsFile ${knownHostsFiles.map(quotedPath).join(" ")}`,
    ...(jump === undefined ? [] : [`ProxyJump ${formatJumpHosts(jump)}`]),
    ...(algorithms.length === 0 ? [] : [`HostKeyAlgorithms ${algorithms.join(",")}`]),
    ...loginOptions(login, publicKeyFile),
    ...(mayAsk && login.kind === "own" ? asking : []),
  ];
}

function loginOptions(login: OpensshLogin, publicKeyFile: (publicKey: string) => string): string[] {
  switch (login.kind) {
    case "nothing":
      return [];
    case "file":
      return [`IdentityFile ${quotedPath(login.path)}`, "IdentitiesOnly yes", "IdentityAgent none"];
    case "agent":
      // The public key alone tells ssh which of the agent's keys to use.
      return [
        `IdentityFile ${quotedPath(publicKeyFile(login.publicKey))}`,
        "IdentitiesOnly yes",
        `IdentityAgent ${quotedPath(login.address)}`,
      ];
    case "own":
      return [
        ...login.identityFiles.map((path) => `IdentityFile ${quotedPath(path)}`),
        `IdentitiesOnly ${login.identitiesOnly ? "yes" : "no"}`,
        `IdentityAgent ${login.agent === undefined ? "none" : quotedPath(login.agent)}`,
        "PreferredAuthentications publickey",
        // The name of the keyword that every version reads.
        ...(login.onlyOpensshKeyTypes ? [`PubkeyAcceptedKeyTypes ${opensshOnlyKeyTypes.join(",")}`] : []),
      ];
  }
}

function algorithmsOf(keyType: string, signsWithSha1: boolean): string {
  if (keyType !== "ssh-rsa") return keyType;
  return signsWithSha1 ? "rsa-sha2-512,rsa-sha2-256,ssh-rsa" : "rsa-sha2-512,rsa-sha2-256";
}

/** No quotation mark can be written in older versions, and variables would be expanded. */
function canBeWritten(path: string): boolean {
  return !/["\p{Cc}]|\$\{/u.test(path);
}

function quoted(path: string): string {
  return `"${path.replaceAll("\\", "/")}"`;
}

function quotedPath(path: string): string {
  return quoted(path.replaceAll("%", "%%"));
}
