import { basename } from "node:path";

/** Turns the name of a host's file into one that is valid on any file system, and not hidden. */
export function localName(name: string): string {
  const taken = basename(name.replace(/[<>:"/\\|?*]/g, "_")).trimStart();
  const shown = taken.replace(/^\.+/, "_");
  // Windows drops trailing dots and spaces.
  let end = shown.length;
  while (end > 0 && /[.\s]/.test(shown[end - 1] ?? "")) end -= 1;
  return shown.slice(0, end) || "file";
}
