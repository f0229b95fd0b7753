import { UsageError } from "./usageError.js";

/** @throws UsageError */
export function checkedFingerprint(text: string): string {
  if (!/^SHA256:[A-Za-z0-9+/]{43}=?$/.test(text)) {
    throw new UsageError("--accept-host-key takes SHA256: and 43 characters of base64");
  }
  return text.replace(/=$/, "");
}
