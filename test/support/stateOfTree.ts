import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

/**
 * Everything about a folder and all below it that writing, removing, renaming or a change of mode would change: inode, size,
 * mode, links, owner, times (but for that of the last reading) and contents.
 */
export function stateOfTree(folder: string): Readonly<Record<string, string>> {
  const states: [string, string][] = [];
  const visit = (path: Buffer): void => {
    states.push([path.toString("latin1"), stateOf(path)]);
    if (!lstatSync(path).isDirectory()) return;
    for (const name of readdirSync(path, { encoding: "buffer" }))
      visit(Buffer.concat([path, Buffer.from("/"), name]));
  };
  visit(Buffer.from(folder));
  return Object.fromEntries<string>(states.sort());
}

function stateOf(path: Buffer): string {
  const { ino, size, mode, nlink, uid, mtimeNs, ctimeNs } = lstatSync(path, { bigint: true });
  const kind = lstatSync(path);
  const content = kind.isFile() ? readFileSync(path) : kind.isSymbolicLink() ? readlinkSync(path) : "";
  const digest = createHash("sha256").update(content).digest("hex").slice(0, 16);
  return [ino, size, mode, nlink, uid, mtimeNs, ctimeNs, digest].join(" ");
}
