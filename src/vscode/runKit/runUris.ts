import * as vscode from "vscode";
import { trimOf } from "../../common/text/trimCharacter.js";

/** The read-only file system of synced runs: `runicorn-run://<root>/<path>`. */
export const runScheme = "runicorn-run";

/** Encodes undecodable bytes, and `%` itself, as `%XX`, because a URI is text. */
export function writeForUri(text: string): string {
  return text.replace(/%|[\ud800-\udbff][\udc00-\udfff]|[\udc80-\udcff]/g, (found) => {
    if (found === "%") return "%25";
    return found.length > 1 ? found : `%${(found.charCodeAt(0) - 0xdc00).toString(16)}`;
  });
}

export function runUri(syncId: string, path: string): vscode.Uri {
  return vscode.Uri.from({ scheme: runScheme, authority: syncId, path: `/${writeForUri(path)}` });
}

/** The inverse of {@link runUri}; the root itself has the empty path. */
export function readRunUri({ authority, path }: vscode.Uri): {
  readonly syncId: string;
  readonly path: string;
} {
  const read = trimOf(path, "/").replace(/%([0-9a-f]{2})/g, (_, digits: string) => {
    const code = Number.parseInt(digits, 16);
    return code < 0x80 ? String.fromCharCode(code) : String.fromCharCode(0xdc00 + code);
  });
  return { syncId: authority, path: read };
}
