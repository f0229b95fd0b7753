import type { BaseAgent, ParsedKey, SigningRequestOptions, utils } from "ssh2";
import { Failure } from "../../common/failure.js";
import type { Logger } from "../../common/logger.js";
import type { HostConfig } from "../config/hostConfig.js";
import type { Credentials } from "../model/connectRequest.js";
import type { SshFailure } from "../model/failures.js";
import { decryptKey, type KeyFile, openKeyFile, readKey, readKeyFile } from "./keyFiles.js";

type Hash = SigningRequestOptions["hash"];

/** Where a key comes from: what another program would need to use it too. */
export type KeyPlace =
  | { readonly kind: "file"; readonly path: string; readonly encrypted: boolean }
  | { readonly kind: "agent"; readonly address: string }
  /** Given as text: nothing else can use it. */
  | { readonly kind: "memory" };

/** A key to authenticate with. Signing may ask for a passphrase, or for a touch on the agent's side. */
export interface Identity {
  /** For people: `agent ada@laptop`, `~/.ssh/id_ed25519`. */
  readonly label: string;
  readonly place: KeyPlace;
  /** Undefined only for an encrypted file that does not tell its public part. */
  readonly publicKey: ParsedKey | undefined;
  /** The private key itself, once the passphrase is known; undefined when the person gave none. */
  readonly unlock: (() => Promise<ParsedKey | undefined>) | undefined;
  /** Signs in the agent, where the private key stays. */
  readonly signInAgent: ((data: Buffer, hash: Hash) => Promise<Buffer>) | undefined;
}

export interface IdentitySource {
  readonly config: HostConfig;
  readonly credentials: Credentials;
  readonly parseKey: typeof utils.parseKey;
  readonly createAgent: (socket: string) => BaseAgent;
  readonly askPassphrase: (file: string, again: boolean) => Promise<string | undefined>;
  /** Hears of a key that ssh could use and we cannot. */
  readonly onSkipped: (what: string) => void;
  readonly logger: Logger;
}

/** How often a person may mistype the passphrase of one file. */
const passphraseTries = 3;

/**
 * All keys to offer, without duplicates, in order: files that the user named, the agent's keys (those that the
 * configuration names first), the configured files. With `IdentitiesOnly`, only the agent's keys that are named.
 * @throws Failure `identity-file-unreadable` for a file that the person named.
 */
export async function collectIdentities(source: IdentitySource): Promise<Identity[]> {
  const { config, credentials } = source;
  const named: Identity[] = [];
  for (const text of credentials.privateKeys ?? []) named.push(givenIdentity(Buffer.from(text), source));
  for (const file of credentials.identityFiles ?? []) named.push(...(await namedIdentity(file, source)));
  if (credentials.onlyGiven) return withoutRepeats(named);
  const configured: Identity[] = [];
  for (const file of config.identityFiles) {
    const identity = await fileIdentity(file, source);
    if (identity.kind === "identity") configured.push(identity.identity);
  }
  const inAgent = credentials.useAgent === false ? [] : await agentIdentities(source);
  const wanted = new Set([...named, ...configured].map(blobOf));
  const agentNamed = inAgent.filter((identity) => wanted.has(blobOf(identity)));
  const agentOthers = config.identitiesOnly
    ? []
    : inAgent.filter((identity) => !wanted.has(blobOf(identity)));
  return withoutRepeats([...agentFirst(named, agentNamed), ...agentNamed, ...agentOthers, ...configured]);
}

/** If the agent has the key of a named file, let the agent sign: no passphrase is needed. */
function agentFirst(named: readonly Identity[], inAgent: readonly Identity[]): Identity[] {
  return named.map((identity) => inAgent.find((one) => blobOf(one) === blobOf(identity)) ?? identity);
}

function withoutRepeats(identities: readonly Identity[]): Identity[] {
  const seen = new Set<string>();
  return identities.filter((identity) => {
    const key = blobOf(identity) ?? identity.label;
    return !seen.has(key) && seen.add(key);
  });
}

function blobOf({ publicKey }: Identity): string | undefined {
  return publicKey?.getPublicSSH().toString("base64");
}

/** @throws Failure `identity-file-unreadable`. */
function givenIdentity(bytes: Buffer, source: IdentitySource): Identity {
  const label = "given";
  const read = readKey(bytes, source.parseKey);
  const open = (passphrase: string): Promise<ParsedKey | undefined> =>
    Promise.resolve(decryptKey(bytes, passphrase, source.parseKey));
  const found = identityOf(label, { kind: "memory" }, read, () => unlock(label, open, source));
  if (found.kind === "identity") return found.identity;
  throw new Failure<SshFailure>({ code: "identity-file-unreadable", file: undefined, reason: found.reason });
}

/** None of a security key: ssh may use it. */
async function namedIdentity(file: string, source: IdentitySource): Promise<Identity[]> {
  const found = await fileIdentity(file, source);
  if (found.kind === "identity") return [found.identity];
  if (found.kind === "security-key") return [];
  throw new Failure<SshFailure>({ code: "identity-file-unreadable", file, reason: found.reason });
}

type Found =
  | { readonly kind: "identity"; readonly identity: Identity }
  | { readonly kind: "security-key"; readonly reason: string }
  | { readonly kind: "none"; readonly reason: string };

async function fileIdentity(file: string, source: IdentitySource): Promise<Found> {
  const read = await readKeyFile(file, source.parseKey);
  if (read.kind === "security-key") source.onSkipped(`${file} (${read.type})`);
  if (read.kind === "unreadable") source.logger.warn(`identity file ${file}: ${read.reason}`);
  const open = (passphrase: string): Promise<ParsedKey | undefined> =>
    openKeyFile(file, passphrase, source.parseKey);
  return identityOf(file, { kind: "file", path: file, encrypted: false }, read, () =>
    unlock(file, open, source),
  );
}

function identityOf(
  label: string,
  place: Extract<KeyPlace, { kind: "file" | "memory" }>,
  read: KeyFile,
  unlockIt: () => Promise<ParsedKey | undefined>,
): Found {
  switch (read.kind) {
    case "missing":
      return { kind: "none", reason: "not found" };
    case "security-key":
      return { kind: "security-key", reason: `a security key (${read.type}), which only OpenSSH can use` };
    case "unreadable":
      return { kind: "none", reason: read.reason };
    case "usable": {
      const { key } = read;
      const unlock = (): Promise<ParsedKey> => Promise.resolve(key);
      return {
        kind: "identity",
        identity: { label, place, publicKey: key, unlock, signInAgent: undefined },
      };
    }
    case "encrypted": {
      const locked: KeyPlace = place.kind === "file" ? { ...place, encrypted: true } : place;
      const { publicKey } = read;
      return {
        kind: "identity",
        identity: { label, place: locked, publicKey, unlock: unlockIt, signInAgent: undefined },
      };
    }
  }
}

async function unlock(
  label: string,
  open: (passphrase: string) => Promise<ParsedKey | undefined>,
  source: IdentitySource,
): Promise<ParsedKey | undefined> {
  const given = source.credentials.passphrase;
  if (given !== undefined) {
    const key = await open(given);
    if (key) return key;
  }
  for (let attempt = 0; attempt < passphraseTries; attempt += 1) {
    const passphrase = await source.askPassphrase(label, attempt > 0 || given !== undefined);
    if (passphrase === undefined) return undefined;
    const key = await open(passphrase);
    if (key) return key;
  }
  return undefined;
}

/** The keys of the first agent that answers. */
async function agentIdentities(source: IdentitySource): Promise<Identity[]> {
  for (const address of source.config.agents) {
    const identities = await askAgent(address, source);
    if (identities) return identities;
  }
  return [];
}

function askAgent(address: string, source: IdentitySource): Promise<Identity[] | undefined> {
  const { logger, parseKey } = source;
  const agent = source.createAgent(address);
  return new Promise((resolve) => {
    agent.getIdentities((error, keys) => {
      if (error) {
        logger.info(`the agent at ${address} does not answer: ${error.message}`);
        resolve(undefined);
        return;
      }
      const parsed = (keys ?? []).map((key) => parseKey(key as ParsedKey | Buffer | string));
      logger.info(`the agent at ${address} holds ${parsed.length} keys`);
      resolve(parsed.flatMap((key) => (key instanceof Error ? [] : [agentIdentity(agent, address, key)])));
    });
  });
}

function agentIdentity(agent: BaseAgent, address: string, publicKey: ParsedKey): Identity {
  return {
    label: `agent ${publicKey.comment || publicKey.type}`,
    place: { kind: "agent", address },
    publicKey,
    unlock: undefined,
    signInAgent: (data, hash) =>
      new Promise((resolve, reject) => {
        agent.sign(publicKey, data, hash === undefined ? {} : { hash }, (error, signature) => {
          if (error || !signature) reject(error ?? new Error("the agent gave no signature"));
          else resolve(signature);
        });
      }),
  };
}
