import type { Stamp } from "./remoteFiles.js";

/** Seconds, before or after the epoch, with any decimals. */
const time = /^-?\d+(\.\d+)?$/;
const inode = /^\d+$/;

/** Whether the texts of a stamp are such as `stampOf` takes. */
export function isStampText(texts: {
  readonly mtime: string;
  readonly ctime: string;
  readonly inode: string;
}) {
  return time.test(texts.mtime) && time.test(texts.ctime) && inode.test(texts.inode);
}

/** Whether they are so already: `stampOf` has nothing to do but for the mode. */
export function isOwnStampText(mtime: unknown, ctime: unknown, inode: unknown): boolean {
  const isText = typeof mtime === "string" && typeof ctime === "string" && typeof inode === "string";
  return isText && isOwnTime.test(mtime) && isOwnTime.test(ctime) && isOwnInode.test(inode);
}

/** The stamp for what a host tells, written in the one way in which equal ones are equal texts. */
export function stampOf(told: Stamp): Stamp {
  const { size, mtime, ctime, mode } = told;
  return {
    size,
    mtime: ownTime(mtime),
    ctime: ownTime(ctime),
    inode: ownInode(told.inode),
    mode: mode & 0o777,
  };
}

const isOwnTime = /^-?(0|[1-9]\d{0,14})\.\d{9}$/;
/** Seconds: later than any clock says, and exact as a number. */
const farthest = "999999999999999";

/** Tools print seconds with none, nine or ten decimals. */
function ownTime(text: string): string {
  if (isOwnTime.test(text)) return text;
  const [, sign = "", digits = "0", decimals = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  const whole = digits.replace(/^0+(?=\d)/, "");
  return `${sign}${whole.length > farthest.length ? farthest : whole}.${decimals.padEnd(9, "0").slice(0, 9)}`;
}

const isOwnInode = /^(0|[1-9]\d{0,18})$/;

/** 64 bits. */
function ownInode(text: string): string {
  return isOwnInode.test(text) ? text : String(BigInt.asUintN(64, BigInt(text.slice(-20))));
}
