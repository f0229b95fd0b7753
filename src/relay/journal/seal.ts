import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

/** Encrypts bytes on disk with a key derived from the API key. */
export interface Seal {
  /** @param about what the bytes belong to; they open only for the same. */
  close(plain: Uint8Array, about: string): Buffer;
  /** Undefined when they were closed with another key, for another purpose, or are damaged. */
  open(sealed: Buffer, about: string): Buffer | undefined;
}

const cipher = "aes-256-gcm";
const [ivLength, tagLength] = [12, 16];

/** @param salt random, and not secret: it stands at the head of the file. */
export function createSeal(apiKey: string, salt: Buffer): Seal {
  const key = Buffer.from(hkdfSync("sha256", apiKey, salt, "relay journal", 32));
  return {
    close: (plain, about) => {
      const iv = randomBytes(ivLength);
      const closing = createCipheriv(cipher, key, iv).setAAD(Buffer.from(about));
      const body = Buffer.concat([closing.update(plain), closing.final()]);
      return Buffer.concat([iv, closing.getAuthTag(), body]);
    },
    open: (sealed, about) => {
      try {
        const opening = createDecipheriv(cipher, key, sealed.subarray(0, ivLength), {
          authTagLength: tagLength,
        })
          .setAAD(Buffer.from(about))
          .setAuthTag(sealed.subarray(ivLength, ivLength + tagLength));
        return Buffer.concat([opening.update(sealed.subarray(ivLength + tagLength)), opening.final()]);
      } catch {
        return undefined;
      }
    },
  };
}
