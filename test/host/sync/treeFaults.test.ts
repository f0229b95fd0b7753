import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import tree from "../../../src/sync/helper/tree.py";

/** What a real disk does only now and then: `list` of a folder, or a look at an entry, fails or is cut short once. */
const faults = `
import errno, json, sys

root = sys.argv[1].encode()
scandir, rename = os.scandir, os.rename
found = Tree(root)

def told():
    return sorted(record.decode().split(" ")[0] + " " + (record[2:] if record[:1] in b"-=!" else name_in(record)).decode()
                  for record in found.changes(lambda: None))

def failing(folder, code, after=0):
    """Listing the folder fails after so many entries."""
    def listed(path):
        entries = list(scandir(path))
        yield from entries[:after]
        if path.rstrip(b"/").endswith(folder):
            raise OSError(code, os.strerror(code))
        yield from entries[after:]
    os.scandir = listed

def moving(folder, to, back):
    """The folder is moved away while it is listed."""
    def listed(path):
        entries = list(scandir(path))
        if path.endswith(folder):
            rename(path, root + b"/" + to)
        yield from entries
        if path.endswith(folder) and back:
            rename(root + b"/" + to, path)
    os.scandir = listed

def well():
    os.scandir = scandir
`;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tree-"));
  mkdirSync(join(root, "a", "b"), { recursive: true });
  for (const path of ["a/x", "a/y", "a/b/z"]) writeFileSync(join(root, path), "");
});
afterEach(() => rmSync(root, { recursive: true }));

/** What Python prints as JSON, line by line. */
function run(program: string): unknown[] {
  const output = execFileSync("python3", ["-c", `${tree}\n${faults}\n${program}`, root]).toString();
  return output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}

const all = ["d a", "d a/b", "f a/b/z", "f a/x", "f a/y"];

it.each(["EACCES", "EIO", "ESTALE"])("keeps what a listing that fails with %s does not tell", (code) => {
  const why = code === "EACCES" ? "denied" : "unreadable";
  const [first, failed, removed, after] = run(`
print(json.dumps(told()))
failing(b"/a", errno.${code}, after=1)
print(json.dumps(told()))
os.remove(root + b"/a/x")
print(json.dumps(told()))
well()
print(json.dumps(told()))`);
  expect(first).toEqual(all);
  expect(failed).toEqual([`! ${why} a`]);
  expect(removed).toEqual([`! ${why} a`, "d a"]);
  expect(after).toEqual(["- a/x", "d a"]);
});

it("tells everything anew of a folder that could not be listed from the start", () => {
  const [first, after, later] = run(`
failing(b"/a", errno.EIO)
print(json.dumps(told()))
well()
print(json.dumps(told()))
print(json.dumps(told()))`);
  expect(first).toEqual(["! unreadable a", "d a"]);
  expect(after).toEqual(["= a", "= a/b", "d a/b", "f a/b/z", "f a/x", "f a/y"]);
  expect(later).toEqual([]);
});

it("takes nothing for gone because a folder was moved while it was listed, until it is known where it is", () => {
  const [during, after] = run(`
told()
moving(b"/a", b"elsewhere", back=False)
print(json.dumps(told()))
well()
print(json.dumps(told()))`);
  expect(during).toEqual([]);
  expect(after).toEqual([
    "- a",
    "d elsewhere",
    "d elsewhere/b",
    "f elsewhere/b/z",
    "f elsewhere/x",
    "f elsewhere/y",
  ]);
  const [back, calm] = run(`
rename(root + b"/elsewhere", root + b"/a")
told()
moving(b"/a", b"elsewhere", back=True)
print(json.dumps(told()))
well()
print(json.dumps(told()))`);
  expect([back, calm].flat()).not.toContainEqual(expect.stringContaining("-"));
});

it("fails if the root was deleted during a listing", () => {
  expect(() =>
    run(`
os.scandir = lambda path: (_ for _ in ()).throw(FileNotFoundError())
print(json.dumps(told()))`),
  ).toThrow("FileNotFoundError");
});
