import * as z from "zod";
import type { DirectoryEntry } from "../../files/directoryEntry.js";
import type { Connection } from "../../ssh/model/connection.js";
import type { ApiServices } from "../services/services.js";

export const listdirPerMinute = 30;

export const directoryShape = z
  .object({
    ok: z.boolean(),
    current_path: z.string(),
    items: z.array(
      z.object({
        name: z.string(),
        path: z.string(),
        type: z.enum(["dir", "file", "unknown"]),
        size: z.number().meta({ description: "bytes; 0 for folders" }),
        mtime: z.number().meta({ description: "seconds since the epoch" }),
      }),
    ),
  })
  .meta({ title: "DirectoryV04" });

const types = { folder: "dir", file: "file", other: "unknown" } as const satisfies Record<
  DirectoryEntry["kind"],
  string
>;

/** @param path empty: the home folder. */
export async function directoryOf(
  connection: Connection,
  path: string,
  { app, onHost }: ApiServices,
  signal: AbortSignal,
): Promise<z.infer<typeof directoryShape>> {
  const listed = await onHost(connection, signal, () => app.files.list(connection, path || "~", signal));
  const base = listed.path === "/" ? "" : listed.path;
  const items = listed.entries.map(({ name, kind, size, mtime }) => ({
    name,
    path: `${base}/${name}`,
    type: types[kind],
    size,
    mtime,
  }));
  return { ok: true, current_path: listed.path, items };
}
