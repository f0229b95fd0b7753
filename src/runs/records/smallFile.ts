import { hasErrorCode } from "../../common/files/errorCode.js";
import { type LocalPath, openRegular } from "../../common/files/regularFile.js";
import { decodeText } from "../../common/text/decodeText.js";
import { parsePythonJsonExactly } from "../../common/text/pythonJson.js";
import { isObject } from "./values.js";

/** Bytes: larger files are not read. */
const largest = 4 * 1024 * 1024;

/** A small JSON file of a run on this machine. */
export type SmallFile =
  | { readonly kind: "read"; readonly value: Readonly<Record<string, unknown>> }
  | { readonly kind: "missing" }
  | { readonly kind: "damaged" | "too-large" };

/** Reads a JSON object; NaN becomes `notANumber`. @param file absolute path. */
export async function readSmallFile(file: LocalPath): Promise<SmallFile> {
  try {
    const opened = await openRegular(file);
    if (!opened) return { kind: "damaged" };
    try {
      const { size } = await opened.stat();
      if (size > largest) return { kind: "too-large" };
      const value = parsePythonJsonExactly(decodeText(await opened.readFile()));
      return isObject(value) ? { kind: "read", value } : { kind: "damaged" };
    } finally {
      await opened.close();
    }
  } catch (error) {
    return { kind: hasErrorCode(error, "ENOENT", "ENOTDIR") ? "missing" : "damaged" };
  }
}
