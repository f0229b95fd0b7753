/*
 * The few messages of SFTP version 3 (draft-ietf-secsh-filexfer-02) that listing needs. ssh2 has a client of its own,
 * but it takes every file name for UTF-8, so that it cannot even open a folder with another name. Names are bytes here.
 */

export const packet = {
  init: 1,
  version: 2,
  close: 4,
  opendir: 11,
  readdir: 12,
  realpath: 16,
  stat: 17,
  status: 101,
  handle: 102,
  name: 104,
  attributes: 105,
} as const;

/** SSH_FX_ codes of a STATUS answer. */
export const statusCode = { permissionDenied: 3 } as const;

export interface FileAttributes {
  /** Bytes; 0 where the server does not say. */
  readonly size: number;
  /** File type and permission bits of stat(2); undefined where the server does not say. */
  readonly mode: number | undefined;
  /** Seconds since the epoch; 0 where the server does not say. */
  readonly mtime: number;
}

export interface NameEntry {
  readonly name: Buffer;
  readonly attributes: FileAttributes;
}

export type Answer =
  | { readonly kind: "status"; readonly code: number; readonly message: string }
  | { readonly kind: "handle"; readonly handle: Buffer }
  | { readonly kind: "names"; readonly names: readonly NameEntry[] }
  | { readonly kind: "attributes"; readonly attributes: FileAttributes };

/** One request with a single string: a path or a handle. */
export function encodeRequest(type: number, id: number, text: Uint8Array): Buffer {
  const bytes = Buffer.alloc(4 + 1 + 4 + 4 + text.length);
  bytes.writeUInt32BE(bytes.length - 4, 0);
  bytes.writeUInt8(type, 4);
  bytes.writeUInt32BE(id, 5);
  bytes.writeUInt32BE(text.length, 9);
  bytes.set(text, 13);
  return bytes;
}

/** The greeting: we speak version 3. */
export function encodeInit(): Buffer {
  return Buffer.from([0, 0, 0, 5, packet.init, 0, 0, 0, 3]);
}

/** @throws RangeError when the packet is shorter than it says, or of a kind that is never asked for. */
export function decodeAnswer(body: Buffer): { readonly id: number; readonly answer: Answer } {
  const reader = readerOf(body);
  const type = reader.byte();
  const id = reader.uint32();
  switch (type) {
    case packet.status: {
      const code = reader.uint32();
      return {
        id,
        answer: { kind: "status", code, message: reader.rest() > 4 ? reader.string().toString() : "" },
      };
    }
    case packet.handle:
      return { id, answer: { kind: "handle", handle: reader.string() } };
    case packet.name: {
      const count = reader.uint32();
      const names: NameEntry[] = [];
      for (let index = 0; index < count; index += 1) {
        const name = reader.string();
        // The same with owner and date, for people.
        reader.skipString();
        names.push({ name, attributes: readAttributes(reader) });
      }
      return { id, answer: { kind: "names", names } };
    }
    case packet.attributes:
      return { id, answer: { kind: "attributes", attributes: readAttributes(reader) } };
    default:
      throw new RangeError(`an SFTP packet of type ${type}`);
  }
}

type Reader = ReturnType<typeof readerOf>;

/** Buffer's own methods throw a RangeError beyond the end. */
function readerOf(bytes: Buffer) {
  let offset = 0;
  const take = (length: number): number => {
    if (offset + length > bytes.length) throw new RangeError("an SFTP packet ends early");
    offset += length;
    return offset - length;
  };
  const uint32 = (): number => bytes.readUInt32BE(take(4));
  return {
    byte: (): number => bytes.readUInt8(take(1)),
    uint32,
    uint64: (): number => Number(bytes.readBigUInt64BE(take(8))),
    string: (): Buffer => {
      const length = uint32();
      const start = take(length);
      return bytes.subarray(start, start + length);
    },
    skipString: (): void => void take(uint32()),
    rest: (): number => bytes.length - offset,
  };
}

function readAttributes(reader: Reader): FileAttributes {
  const flags = reader.uint32();
  const size = flags & 0x1 ? reader.uint64() : 0;
  if (flags & 0x2) {
    reader.uint32();
    reader.uint32();
  }
  const mode = flags & 0x4 ? reader.uint32() : undefined;
  let mtime = 0;
  if (flags & 0x8) {
    reader.uint32();
    mtime = reader.uint32();
  }
  if (flags & 0x80000000) {
    for (let count = reader.uint32(); count > 0; count -= 1) {
      reader.string();
      reader.string();
    }
  }
  return { size, mode, mtime };
}
