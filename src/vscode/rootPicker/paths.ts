import { trimEndOf } from "../../common/text/trimCharacter.js";

/** Whether this is a path from the root or the home folder of a host. */
export function isPath(text: string): boolean {
  return /^(\/|~\/|~$)/.test(text);
}

/** @param folder absolute. */
export function below(folder: string, name: string): string {
  return `${trimEndOf(folder, "/")}/${name}`;
}

/** The folder that this one is in, by its name; undefined for the root. @param path absolute. */
export function above(path: string): string | undefined {
  const trimmed = trimEndOf(path, "/");
  return trimmed === "" ? undefined : trimmed.slice(0, trimmed.lastIndexOf("/")) || "/";
}

/** Whether a name holds what was typed, whatever the case. */
export function holds(name: string, typed: string): boolean {
  return name.toLowerCase().includes(typed.toLowerCase());
}
