import { basename } from "node:path";

/** A name that any file system takes, for a file that a host named: none that a shell or another program reads by itself. */
export function localName(name: string): string {
  const taken = basename(name.replace(/[<>:"/\\|?*]/g, "_")).trimStart();
  const shown = taken.replace(/^\.+/, "_");
  // Windows drops full stops and spaces at the end.
  let end = shown.length;
  while (end > 0 && /[.\s]/.test(shown[end - 1] ?? "")) end -= 1;
  return shown.slice(0, end) || "file";
}
