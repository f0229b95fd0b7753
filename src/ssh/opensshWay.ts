import { type Target } from "./target.js";

/**
 * How the system's OpenSSH reaches the same host as a connection of ours, with the same key and the same trust; or why
 * it cannot. Nothing secret is in it.
 */
export type OpensshWay =
  | { readonly kind: "possible"; readonly hosts: readonly OpensshHost[] }
  /** `reason` is for the log. */
  | { readonly kind: "impossible"; readonly reason: string };

/** One host on the way; the one that is reached comes last. */
export interface OpensshHost {
  /** As it was written: `Host` patterns of the user's configuration match this name. */
  readonly target: Target;
  readonly login: OpensshLogin;
  /** Our own file first, then the user's. */
  readonly knownHostsFiles: readonly string[];
  /** Of the key that was verified, or of those that are known; none while nothing is. */
  readonly hostKeyTypes: readonly string[];
  /** Whether the configuration has forwards of its own. */
  readonly hasForwards: boolean;
}

/** What opened the connection and can open another without anybody being asked. */
export type OpensshLogin =
  | { readonly kind: "nothing" }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "agent"; readonly address: string; readonly publicKey: string }
  | OpensshOwnLogin;

/** What OpenSSH finds out by itself, because we cannot offer it. */
export interface OpensshOwnLogin {
  readonly kind: "own";
  /** With the certificates that lie beside them. */
  readonly identityFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** Undefined: no agent. */
  readonly agent: string | undefined;
  /** Whether plain keys were offered before: only certificates and security keys are left then. */
  readonly onlyWhatWeCannot: boolean;
}

/** A configuration file for `ssh -F`, and the files that it names, by their names. */
export interface OpensshFiles {
  readonly configuration: string;
  readonly publicKeys: ReadonlyMap<string, string>;
}

/** The login is by keys alone there: passphrases and PINs are all that it can ask for. */
const asking: readonly string[] = ["BatchMode no", "NumberOfPasswordPrompts 3"];

/** Never asks, never writes, forwards nothing but what it is told to, and listens nowhere else. */
const everywhere: readonly string[] = [
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

/** Certificates and security keys. */
const beyondUs: readonly string[] = [
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
const atLast: readonly string[] = [
  "Ciphers aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr",
];

/**
 * The first value counts in ssh_config(5): ours come before the user's files, and what is only a default after them.
 * @param folder where the public keys will lie.
 * @param included the user's and the system's configuration files.
 * @param mayAsk whether ssh may ask about keys that it finds by itself.
 * @returns undefined where a path holds what no configuration file can say.
 */
export function opensshFiles(
  hosts: readonly OpensshHost[],
  folder: string,
  included: readonly string[],
  mayAsk = false,
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
    ...everywhere,
    ...included.map((file) => `Include ${quoted(file)}`),
    "Host *",
    ...atLast,
    "",
  ].join("\n");
  return { configuration, publicKeys };
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
  const { target, login, knownHostsFiles, hostKeyTypes } = host;
  return [
    `Host ${target.host}`,
    `UserKnownHostsFile ${knownHostsFiles.map(quotedPath).join(" ")}`,
    ...(hostKeyTypes.length === 0 ? [] : [`HostKeyAlgorithms ${hostKeyTypes.map(algorithmsOf).join(",")}`]),
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
        ...(login.onlyWhatWeCannot ? [`PubkeyAcceptedKeyTypes ${beyondUs.join(",")}`] : []),
      ];
  }
}

function algorithmsOf(keyType: string): string {
  return keyType === "ssh-rsa" ? "rsa-sha2-512,rsa-sha2-256" : keyType;
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
