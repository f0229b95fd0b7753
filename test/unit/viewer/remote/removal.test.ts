import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chown, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const removal = "src/viewer/remote/removal.py";
const identity = "src/viewer/remote/identity.sh";
const shells = ["dash", "bash", "busybox"].filter(
  (shell) => existsSync(`/bin/${shell}`) || existsSync(`/usr/bin/${shell}`),
);
/** Without root, nothing can be given to somebody else. */
const isRoot = process.getuid?.() === 0;
/** What was put in the place of the session's folder while it was being removed. */
const swaps = ["a folder of somebody else", "a link to a folder of somebody else"] as const;

describe.skipIf(process.platform === "win32")("the removal of a session's folder", () => {
  let folder: string;
  let session: string;
  let precious: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "removal-"));
    session = join(folder, "runicorn-remote/sessions", randomBytes(12).toString("hex"));
    precious = join(folder, "precious");
    await mkdir(join(session, "below/deep"), { recursive: true, mode: 0o700 });
    await mkdir(precious, { mode: 0o700 });
    await writeFile(join(precious, "thesis"), "");
    if (isRoot) await chown(precious, 12_345, 12_345);
    for (const name of ["viewer.log", ".hidden", "..odd", "below/deep/file", "-rf"]) {
      await writeFile(join(session, name), "");
    }
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** The shell commands that put something else in the session's place, once. */
  const swapBy = (swap: (typeof swaps)[number]): string => {
    const place = swap === swaps[0] ? `mv '${precious}' '${session}'` : `ln -s '${precious}' '${session}'`;
    return `[ -e '${folder}/moved' ] || { mv '${session}' '${folder}/moved'; ${place}; }`;
  };
  const preciousNow = (): string => (existsSync(precious) ? precious : session);
  const python = async (before = ""): Promise<void> => {
    const program = `${await readFile(removal, "utf8")}\nimport sys, subprocess\n${before}\nremove_folder(sys.argv[1])`;
    execFileSync("python3", ["-c", program, session]);
  };
  /** @param swap runs once a look at the session's folder has said that it is ours. */
  const shell = async (name: string, swap = ""): Promise<void> => {
    const script = [
      await readFile(identity, "utf8"),
      `ls() { command ls "$@"; [ "$2" != '${session}' ] && [ "$(pwd -P)" != '${session}' ] || { ${swap || ":"}; }; }`,
      `look_at '${session}' && remove_session '${session}'`,
      "true",
    ];
    const words = name === "busybox" ? ["sh"] : [];
    execFileSync(name, words, { input: script.join("\n"), cwd: "/" });
  };

  it("takes all of it, and what is empty above", async () => {
    await python();
    expect(await readdir(folder)).toEqual(["precious"]);
  });

  it.each(shells)("takes all of it, and what is empty above: %s", async (name) => {
    await shell(name);
    expect(await readdir(folder)).toEqual(["precious"]);
  });

  it("leaves the folder of other sessions", async () => {
    await mkdir(join(session, "../other"));
    await python();
    expect(await readdir(join(folder, "runicorn-remote/sessions"))).toEqual(["other"]);
  });

  it.each(swaps)("removes nothing of what is put in its place: %s", async (swap) => {
    await python(`
def swapping(look):
    def looked(what, **named):
        found = look(what, **named)
        if isinstance(what, int) or what == sys.argv[1]:
            subprocess.check_call(["sh", "-c", ${JSON.stringify(swapBy(swap))}])
        return found
    return looked
os.fstat, os.lstat = swapping(os.fstat), swapping(os.lstat)
`);
    expect(await readdir(preciousNow())).toEqual(["thesis"]);
  });

  it.skipIf(!isRoot).each(shells.flatMap((name) => swaps.map((swap) => [name, swap] as const)))(
    "removes nothing of what is put in its place: %s, %s",
    async (name, swap) => {
      await shell(name, swapBy(swap));
      expect(await readdir(preciousNow())).toEqual(["thesis"]);
    },
  );
});
