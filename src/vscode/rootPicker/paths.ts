import { trimEndOf } from "../../common/text/trimCharacter.js";

/** Whether this is an absolute path, or one in the home folder. */
export function isPath(text: string): boolean {
  return /^(\/|~\/|~$)/.test(text);
}

/** @param folder absolute. */
export function below(folder: string, name: string): string {
  return `${trimEndOf(folder, "/")}/${name}`;
}

/** The parent folder, from the path alone; undefined for the root. @param path absolute. */
export function above(path: string): string | undefined {
  const trimmed = trimEndOf(path, "/");
  return trimmed === "" ? undefined : trimmed.slice(0, trimmed.lastIndexOf("/")) || "/";
}

/** Whether a name contains the typed text, ignoring case. */
export function holds(name: string, typed: string): boolean {
  return name.toLowerCase().includes(typed.toLowerCase());
}
