import { timingSafeEqual } from "node:crypto";

/** Whether both are the same, in a time that does not tell how much of them is. */
export function sameBytes(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
