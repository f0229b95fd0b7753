/** How a copy is kept: the small files of the runs and what somebody asks for, or all of it. */
export type CopyMode = "smart" | "mirror";
/** `in-place`: nothing is copied, for the root is on this machine. */
export type SyncMode = CopyMode | "in-place";

/** The small JSON of a run that changes while it runs and tells what the lists show. */
export const metadataNames: ReadonlySet<string> = new Set([
  "meta.json",
  "status.json",
  "summary.json",
  "assets.json",
  "environment.json",
  "artifacts_created.json",
  "artifacts_used.json",
]);
/** Bytes: what is larger is not the small JSON that it pretends to be. */
export const largestMetadata = 4 * 1024 * 1024;
/** What Runicorn only ever appends to. */
const growingNames = new Set(["events.jsonl", "logs.txt"]);

/** Whether smart mode keeps this file fresh by itself. */
export function isMetadata(path: string, size: number): boolean {
  return metadataNames.has(nameOf(path)) && size <= largestMetadata && runFolderOf(path) !== undefined;
}

/** Whether the file only ever grows at its end. */
export function onlyGrows(path: string): boolean {
  return growingNames.has(nameOf(path)) && runFolderOf(path) !== undefined;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Where a run's folder is, told from its path alone. */
export interface RunFolder {
  /** Relative to the root. */
  readonly folder: string;
  readonly id: string;
  /** Up to 0.5: `<project>/<name>/runs/<id>`; from 0.6: `runs/<path…>/<id>`. */
  readonly layout: "project" | "path";
  /** `<project>/<name>`, or the path below `runs`; may be empty for a run right below `runs`. */
  readonly group: string;
}

/** The run folder that directly holds this file, by the two layouts of Runicorn; undefined elsewhere. */
export function runFolderOf(filePath: string): RunFolder | undefined {
  const folder = filePath.slice(0, Math.max(0, filePath.lastIndexOf("/")));
  const parts = folder.split("/");
  const id = parts.at(-1) ?? "";
  if (parts[0] === "runs" && parts.length >= 2) {
    return { folder, id, layout: "path", group: parts.slice(1, -1).join("/") };
  }
  if (parts.length === 4 && parts[2] === "runs") {
    return { folder, id, layout: "project", group: parts.slice(0, 2).join("/") };
  }
  return undefined;
}
