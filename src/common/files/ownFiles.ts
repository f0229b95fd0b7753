import type { Stats } from "node:fs";
import { chmod, lstat, readdir, readFile, realpath, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { dirname, join, resolve } from "node:path";
import { Failure } from "../failure.js";
import { hasErrorCode } from "./errorCode.js";
import type { LocalFileFailure } from "./failures.js";
import { openRegular } from "./regularFile.js";
import { makeFolder } from "./makeFolder.js";

/*
 * Who may write what we believe: nobody but us and root. Windows keeps its accounts apart by itself, and tells no owners.
 */

/** The account on whose behalf we look. */
interface Account {
  readonly uid: number;
  /** Where one is for this account alone: a group that has its user's name. */
  readonly ownGroup: number | undefined;
}

/**
 * Makes a folder of ours (mode 0700) where it is missing. What others could write into, of the folder and what lies in it,
 * is mended where it is ours.
 * @param folder absolute path.
 * @param home the home folder of our account: whoever may write there has the account anyway.
 * @throws Failure with a `LocalFileFailure` where others own it, may exchange it, or have put something into it.
 */
export async function claimOwnFolder(folder: string, home: string): Promise<void> {
  try {
    await makeFolder(folder);
    if (!(await stat(folder)).isDirectory()) throw new Failure(unusable(folder, "ENOTDIR"));
  } catch (error) {
    if (!(error instanceof Error) || !("syscall" in error) || !("code" in error)) throw error;
    throw new Failure(unusable(folder, String(error.code)), { cause: error });
  }
  const account = await ourAccount();
  if (!account) return;
  requireOwner(folder, await lstat(folder), account);
  const real = await realpath(folder);
  const place = await realpath(dirname(resolve(folder)));
  const realHome = await realpath(home).catch(() => undefined);
  for (const start of new Set([dirname(real), place]))
    await requireSheltered(folder, start, realHome, account);
  await closeToOthers(real, account);
  await claimEntries(real, account);
}

/**
 * The bytes of a file that a person named, and that decides who may do what.
 * @throws Failure with a `LocalFileFailure` where it is no regular file, or others may write into it; what the system says.
 */
export async function readOwnFile(path: string): Promise<Buffer> {
  const file = await openRegular(path);
  if (!file) throw new Failure<LocalFileFailure>({ code: "local-file-irregular", file: path });
  try {
    await requireOurs(path, await file.stat());
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** @throws Failure with a `LocalFileFailure` where others own it, or may write into it. */
export async function requireOurs(path: string, facts: Stats): Promise<void> {
  const account = await ourAccount();
  if (!account) return;
  requireOwner(path, facts, account);
  if (isWritableByOthers(facts, account)) throw openToOthers(path, facts);
}

const unusable = (file: string, reason: string): LocalFileFailure => ({
  code: "data-folder-unusable",
  file,
  reason,
});

const openToOthers = (file: string, { mode }: Stats): Failure =>
  new Failure<LocalFileFailure>({ code: "local-file-open-to-others", file, mode: inOctal(mode) });

function requireOwner(file: string, facts: Stats, account: Account): void {
  if (isOurs(facts, account)) return;
  throw new Failure<LocalFileFailure>({ code: "local-file-of-another", file, owner: facts.uid });
}

/** Root may do everything anyway. */
const isOurs = ({ uid }: Stats, account: Account): boolean => uid === account.uid || uid === 0;

/** As chmod(1) takes it: 775. */
const inOctal = (mode: number): string => (mode & 0o7777).toString(8);

/** What lies in it: others may have put it there while they could. */
async function claimEntries(folder: string, account: Account): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    try {
      await claimEntry(path, account);
    } catch (error) {
      // Another program of ours has removed it meanwhile, or it is a link that leads nowhere.
      if (!hasErrorCode(error, "ENOENT")) throw error;
    }
  }
}

async function claimEntry(path: string, account: Account): Promise<void> {
  const facts = await lstat(path);
  requireOwner(path, facts, account);
  const meant = facts.isSymbolicLink() ? await stat(path) : facts;
  if (meant.isFIFO()) throw new Failure<LocalFileFailure>({ code: "local-file-irregular", file: path });
  // What a link of ours leads to is for whoever made the link to judge.
  if (facts.isSymbolicLink() || (facts.mode & 0o022) === 0) return;
  await closeToOthers(path, account);
  if (facts.isDirectory()) await claimEntries(path, account);
}

/** Takes the right to write from others, as our scripts on a host do with their folders. */
async function closeToOthers(path: string, account: Account): Promise<void> {
  const { mode, uid } = await stat(path);
  if ((mode & 0o022) === 0) return;
  if (uid === account.uid) await chmod(path, mode & 0o7777 & ~0o022).catch(() => undefined);
  const facts = await stat(path);
  // Some disks know no modes, and change none.
  if ((facts.mode & 0o022) !== 0) throw openToOthers(path, facts);
}

/** Whether nobody but us and root can put something else in the place of what lies in a folder, or in those above it. */
async function requireSheltered(
  file: string,
  start: string,
  home: string | undefined,
  account: Account,
): Promise<void> {
  let exposed: LocalFileFailure | undefined;
  for (let folder = start; folder !== home; folder = dirname(folder)) {
    const facts = await lstat(folder);
    // Others do not come as far as what is below. Its own name stands in the folder above.
    if (isOurs(facts, account) && (facts.mode & 0o077) === 0) exposed = undefined;
    else if (isExposed(facts, account)) {
      const { uid: owner, mode } = facts;
      exposed ??= { code: "local-file-exposed", file, folder, owner, mode: inOctal(mode) };
    }
    if (folder === dirname(folder)) break;
  }
  if (exposed) throw new Failure(exposed);
}

function isExposed(facts: Stats, account: Account): boolean {
  if (!isOurs(facts, account)) return true;
  const isSticky = (facts.mode & 0o1000) !== 0;
  return !isSticky && isWritableByOthers(facts, account);
}

function isWritableByOthers({ mode, gid }: Stats, account: Account): boolean {
  if ((mode & 0o002) !== 0) return true;
  return (mode & 0o020) !== 0 && gid !== 0 && gid !== account.ownGroup;
}

async function ourAccount(): Promise<Account | undefined> {
  const [uid, gid] = [process.geteuid?.(), process.getegid?.()];
  if (uid === undefined || gid === undefined) return undefined;
  return { uid, ownGroup: (await isGroupOfUser(gid)) ? gid : undefined };
}

async function isGroupOfUser(gid: number): Promise<boolean> {
  try {
    const { username } = userInfo();
    const groups = await readFile("/etc/group", "utf8");
    return groups.split("\n").some((line) => {
      const [name, , number] = line.split(":");
      return name === username && number === String(gid);
    });
  } catch {
    // A uid without an account.
    return false;
  }
}
