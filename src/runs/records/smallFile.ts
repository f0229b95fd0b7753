import { hasErrorCode } from "../../common/files/errorCode.js";
import { type LocalPath, openRegular } from "../../common/files/regularFile.js";
import { decodeText } from "../../common/text/decodeText.js";
import { parsePythonJsonExactly } from "../../common/text/pythonJson.js";
import { isObject } from "./values.js";

/** Bytes: what is larger is not the small JSON that it pretends to be. */
const largest = 4 * 1024 * 1024;

/** A small JSON file of a run, as it is on this machine. */
export type SmallFile =
  | { readonly kind: "read"; readonly value: Readonly<Record<string, unknown>> }
  | { readonly kind: "missing" }
  | { readonly kind: "damaged" | "too-large" };

/** Reads an object. NaN is `notANumber` in it. @param file absolute path. */
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
