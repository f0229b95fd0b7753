import { expect, it } from "vitest";
import { createListingReader, TooManyRecords } from "../../../../src/sync/remote/listing.js";
import { NotReadable } from "../../../../src/sync/remote/notReadable.js";
import type { ListingChange } from "../../../../src/sync/remote/remoteFiles.js";

const record = (path: string): string => `f 1 1.000000000 1.000000000 7 644 ${path}\0`;

it("reads records that are cut anywhere", () => {
  const changes: ListingChange[] = [];
  const reader = createListingReader((some) => changes.push(...some));
  const text = `${record("a/b")}- gone\0= whole\0! denied hid\nden\0! strange x\0= \0${record("../out")}junk\0`;
  for (const byte of Buffer.from(text)) reader.feed(Buffer.from([byte]));
  const stamp = { size: 1, mtime: "1.000000000", ctime: "1.000000000", inode: "7", mode: 0o644 };
  expect(changes).toEqual([
    { kind: "present", entry: { kind: "file", path: "a/b", stamp } },
    { kind: "gone", path: "gone" },
    { kind: "whole", path: "whole" },
    { kind: "hidden", path: "hid\nden", why: "denied" },
    { kind: "hidden", path: "x", why: "unreadable" },
    { kind: "whole", path: "" },
  ]);
});

it("parses no unterminated record", () => {
  const reader = createListingReader(() => undefined);
  const feed = (): void => {
    for (let count = 0; count < 100; count += 1) reader.feed(Buffer.alloc(1_000, "x"));
  };
  expect(feed).toThrow(NotReadable);
});

it("reads no more records than fit", () => {
  const reader = createListingReader(() => undefined, 100);
  const some = Buffer.from(record("a").repeat(50));
  reader.feed(some);
  reader.feed(some);
  expect(() => reader.feed(some)).toThrow(TooManyRecords);
});
