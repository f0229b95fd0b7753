import { createPrivateKey, type KeyObject, randomBytes } from "node:crypto";
import { stat } from "node:fs/promises";
import type { ParsedKey, utils } from "ssh2";
import { readRegular } from "../../common/files/regularFile.js";
import { readFileIfPresent } from "../../common/files/sharedFile.js";
import { keyTypeOfBlob } from "../hostKeys/knownHostsFile.js";

/** A private key file, read as far as it can be without its passphrase. */
export type KeyFile =
  | { readonly kind: "usable"; readonly key: ParsedKey }
  /** `publicKey` is known where the file or its `.pub` neighbour tells it. */
  | { readonly kind: "encrypted"; readonly publicKey: ParsedKey | undefined }
  | { readonly kind: "missing" }
  /** A security key: it signs in its device, which only OpenSSH talks to. `type` is e.g. `sk-ssh-ed25519@openssh.com`. */
  | { readonly kind: "security-key"; readonly type: string }
  | { readonly kind: "unreadable"; readonly reason: string };

type ParseKey = typeof utils.parseKey;

/** Bytes. The largest RSA keys in use come to a few thousand. */
const largestKey = 256 * 1024;

/** Reads an identity file. Never rejects: the result says what is wrong with it. */
export async function readKeyFile(path: string, parseKey: ParseKey): Promise<KeyFile> {
  if (path.includes("\0")) return { kind: "unreadable", reason: "its path holds a NUL character" };
  let bytes: Buffer | undefined;
  try {
    bytes = await readSmallFile(path);
  } catch (error) {
    return {
      kind: "unreadable",
      reason: error instanceof Error && "code" in error ? String(error.code) : "unreadable",
    };
  }
  if (bytes === undefined) return { kind: "missing" };
  const read = readKey(bytes, parseKey);
  if (read.kind !== "encrypted" || read.publicKey) return read;
  return { kind: "encrypted", publicKey: await publicNeighbour(path, parseKey) };
}

/** Reads a private key's own text, as far as that can be done without its passphrase. */
export function readKey(bytes: Buffer, parseKey: ParseKey): Exclude<KeyFile, { kind: "missing" }> {
  const decrypted = decryptKey(bytes, undefined, parseKey);
  if (decrypted) return { kind: "usable", key: decrypted };
  const text = bytes.toString("latin1");
  const type = publicType(text);
  if (type?.startsWith("sk-")) return { kind: "security-key", type };
  if (!isEncrypted(text)) return { kind: "unreadable", reason: "not a private key" };
  return { kind: "encrypted", publicKey: publicPart(text, parseKey) };
}

/** The path may name a device: never read without a limit. */
async function readSmallFile(path: string): Promise<Buffer | undefined> {
  const facts = await stat(path).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  });
  if (facts === undefined) return undefined;
  return facts.isFile() && facts.size <= largestKey ? readFileIfPresent(path) : Buffer.alloc(0);
}

/** The private key, or undefined when the passphrase is wrong or the bytes are no key. */
export async function openKeyFile(
  path: string,
  passphrase: string,
  parseKey: ParseKey,
): Promise<ParsedKey | undefined> {
  return decryptKey(await readRegular(path), passphrase, parseKey);
}

export function decryptKey(
  bytes: Buffer,
  passphrase: string | undefined,
  parseKey: ParseKey,
): ParsedKey | undefined {
  const direct = parseKey(bytes, passphrase);
  const key = Array.isArray(direct) ? (direct as ParsedKey[])[0] : direct;
  if (key && !(key instanceof Error)) return key.isPrivateKey() ? key : undefined;
  const converted = fromPkcs8(bytes, passphrase);
  if (converted === undefined) return undefined;
  const parsed = parseKey(converted);
  return parsed instanceof Error ? undefined : parsed;
}

export function isEncrypted(text: string): boolean {
  if (/BEGIN ENCRYPTED PRIVATE KEY|^Proc-Type: 4,ENCRYPTED/m.test(text)) return true;
  const body = opensshBody(text);
  return body !== undefined && readString(body, opensshMagic.length)?.value.toString("latin1") !== "none";
}

const opensshMagic = Buffer.from("openssh-key-v1\0", "latin1");

function opensshBody(text: string): Buffer | undefined {
  const match = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END OPENSSH PRIVATE KEY-----/.exec(text);
  const body = match && Buffer.from(match[1] ?? "", "base64");
  return body?.subarray(0, opensshMagic.length).equals(opensshMagic) ? body : undefined;
}

/** OpenSSH keeps the public part of an encrypted key in clear (PROTOCOL.key): cipher, kdf, options, count, public key. */
function publicBlob(text: string): Buffer | undefined {
  const body = opensshBody(text);
  if (!body) return undefined;
  let offset = opensshMagic.length;
  for (let field = 0; field < 3; field += 1) {
    const skipped = readString(body, offset);
    if (!skipped) return undefined;
    offset = skipped.next;
  }
  return readString(body, offset + 4)?.value;
}

function publicPart(text: string, parseKey: ParseKey): ParsedKey | undefined {
  const blob = publicBlob(text);
  return blob && parsePublicBlob(blob, parseKey);
}

function publicType(text: string): string | undefined {
  const blob = publicBlob(text);
  return blob && keyTypeOfBlob(blob);
}

function readString(bytes: Buffer, offset: number): { value: Buffer; next: number } | undefined {
  if (bytes.length < offset + 4) return undefined;
  const next = offset + 4 + bytes.readUInt32BE(offset);
  return next > bytes.length ? undefined : { value: bytes.subarray(offset + 4, next), next };
}

function parsePublicBlob(blob: Buffer, parseKey: ParseKey): ParsedKey | undefined {
  const type = keyTypeOfBlob(blob);
  const parsed = type === undefined ? undefined : parseKey(`${type} ${blob.toString("base64")}`);
  return parsed === undefined || parsed instanceof Error ? undefined : parsed;
}

async function publicNeighbour(path: string, parseKey: ParseKey): Promise<ParsedKey | undefined> {
  const bytes = await readFileIfPresent(`${path}.pub`).catch(() => undefined);
  const parsed = bytes && parseKey(bytes);
  return parsed === undefined || parsed instanceof Error ? undefined : parsed;
}

/** ssh2 cannot read PKCS#8: Node can, and writes forms that ssh2 reads. */
function fromPkcs8(bytes: Buffer, passphrase: string | undefined): string | undefined {
  if (!/BEGIN (ENCRYPTED )?PRIVATE KEY/.test(bytes.toString("latin1"))) return undefined;
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: bytes, format: "pem", ...(passphrase !== undefined && { passphrase }) });
  } catch {
    return undefined;
  }
  switch (key.asymmetricKeyType) {
    case "rsa":
      return key.export({ type: "pkcs1", format: "pem" }).toString();
    case "ec":
      return key.export({ type: "sec1", format: "pem" }).toString();
    case "ed25519":
      return opensshEd25519(key);
    default:
      return undefined;
  }
}

function opensshEd25519(key: KeyObject): string {
  const { x = "", d = "" } = key.export({ format: "jwk" });
  const publicKey = Buffer.from(x, "base64url");
  const secret = Buffer.concat([Buffer.from(d, "base64url"), publicKey]);
  const type = Buffer.from("ssh-ed25519");
  const blob = Buffer.concat([sized(type), sized(publicKey)]);
  const check = randomBytes(4);
  const unpadded = Buffer.concat([
    check,
    check,
    sized(type),
    sized(publicKey),
    sized(secret),
    sized(Buffer.alloc(0)),
  ]);
  const padding = Buffer.from(
    Array.from({ length: (8 - (unpadded.length % 8)) % 8 }, (_, index) => index + 1),
  );
  const none = sized(Buffer.from("none"));
  const count = Buffer.from([0, 0, 0, 1]);
  const privatePart = sized(Buffer.concat([unpadded, padding]));
  const body = Buffer.concat([
    opensshMagic,
    none,
    none,
    sized(Buffer.alloc(0)),
    count,
    sized(blob),
    privatePart,
  ]);
  const lines = body.toString("base64").match(/.{1,70}/g) ?? [];
  return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join(
    "\n",
  );
}

function sized(value: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(value.length);
  return Buffer.concat([length, value]);
}
