/** The part of the library that we use; it has no types. */
declare module "yauzl" {
  import type { Readable } from "node:stream";

  interface Entry {
    readonly fileName: Buffer;
    readonly extraFields: readonly unknown[];
    readonly generalPurposeBitFlag: number;
    readonly compressedSize: number;
    readonly uncompressedSize: number;
    readonly crc32: number;
    canDecodeFileData(): boolean;
  }

  interface ZipFile {
    readonly entryCount: number;
    eachEntry(): AsyncIterableIterator<Entry>;
    openReadStreamPromise(entry: Entry): Promise<Readable>;
  }

  interface Options {
    readonly autoClose: false;
    readonly decodeStrings: false;
  }

  /** Closes the file only if the archive is closed. */
  export function fromFdPromise(fd: number, options: Options): Promise<ZipFile>;

  export function fromBufferPromise(buffer: Buffer, options: Options): Promise<ZipFile>;

  export function getFileNameLowLevel(
    flags: number,
    name: Buffer,
    extraFields: readonly unknown[],
    strict: boolean,
  ): string;
}
