import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { listHostAliases } from "../../../../src/ssh/config/hostAliases.js";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "aliases-"));
  await mkdir(join(home, ".ssh"));
});
afterEach(() => rm(home, { recursive: true }));

const write = async (path: string, text: string): Promise<void> => {
  const file = join(home, ".ssh", path);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, text);
};

it("has no host without a file", async () => {
  expect(await listHostAliases(home)).toEqual([]);
});

it("names the hosts that are spelled out, once and in order, and no patterns", async () => {
  await write("config", "Host b a\n  User ada\nhost=a *.lab gpu??\r\nHOST\tc\nHost *\nHostName d\nHosts e\n");
  expect(await listHostAliases(home)).toEqual(["b", "a", "c"]);
});

it("passes over names that their own line excludes", async () => {
  await write("config", "Host gpu* gpu1 gpu2 !gpu2\nHost !old new\n");
  expect(await listHostAliases(home)).toEqual(["gpu1", "new"]);
});

it("understands quotation marks, comments and lines that make no sense", async () => {
  const lines = [
    'Host "my gpu" plain # not this',
    "Host # nor this",
    "Host",
    'Host "unfinished',
    "Host last",
  ];
  await write("config", `${lines.join("\n")}\n`);
  expect(await listHostAliases(home)).toEqual(["my gpu", "plain", "last"]);
});

it("follows Include, with patterns in every part of a path, wherever it stands", async () => {
  await write(
    "config",
    'Host first\n  Include "teams of us/*/hosts" ~/.ssh/extra\nInclude missing none*\nHost end\n',
  );
  await write("teams of us/b/hosts", "Host b\n");
  await write("teams of us/a/hosts", "Host a\n");
  await write("teams of us/.hidden/hosts", "Host hidden\n");
  await write("extra", `Include ${join(home, ".ssh", "absolut?")}\n`);
  await write("absolute", "Host absolute\n");
  expect(await listHostAliases(home)).toEqual(["first", "a", "b", "absolute", "end"]);
});

it("ends where a file includes itself", async () => {
  await write("config", "Host me\nInclude config\n");
  expect(await listHostAliases(home)).toEqual(["me"]);
});
