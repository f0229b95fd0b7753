import type { Run } from "../../sync/runIndex/runs.js";
import type { Sync } from "../../sync/syncState.js";
import type { ColumnKind, RunValue } from "../runTable.js";
import { placeIn, type Row, type Space } from "./row.js";

/** A run in a table. */
export interface TableRow {
  readonly row: Row;
  readonly sync: Sync;
  readonly bytes: number;
}

/** A property that any run may have, whatever it logs. */
interface RunProperty {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly of: (one: TableRow) => RunValue | undefined;
}

/** Properties that are read from the run's values. */
type OwnName = "commit" | "branch" | "dirty" | "note";

/** In the order of the table's columns. */
export function runProperties(space: Space): readonly RunProperty[] {
  const own = (name: OwnName, kind: ColumnKind = "text"): RunProperty => {
    const id = space.names.idOf(`run.${name}`) ?? -1;
    return {
      name,
      kind,
      of: ({ row: { values } }) => {
        const place = placeIn(values.shape, id);
        return place < 0 ? undefined : space.valueAt(values, place);
      },
    };
  };
  const run = (name: string, kind: ColumnKind, of: (run: Run) => RunValue | undefined): RunProperty => ({
    name,
    kind,
    of: ({ row }) => of(row.run),
  });
  return [
    run("name", "text", ({ name }) => name),
    run("id", "text", ({ id }) => id),
    run("path", "text", ({ path }) => path),
    run("status", "text", ({ status }) => status),
    { name: "host", kind: "text", of: ({ sync }) => sync.host },
    { name: "root", kind: "text", of: ({ sync }) => sync.root },
    run("alias", "text", ({ alias }) => alias),
    run("tags", "text", ({ tags }) => (tags.length > 0 ? tags.join(", ") : undefined)),
    run("created", "time", ({ createdAt }) => createdAt),
    run("started", "time", ({ startedAt }) => startedAt),
    run("ended", "time", ({ endedAt }) => endedAt),
    { name: "duration", kind: "duration", of: ({ row }) => durationOf(row) },
    run("bestMetric", "text", ({ bestMetric }) => bestMetric?.name),
    run("best", "number", ({ bestMetric }) => bestMetric?.value),
    run("machine", "text", ({ hostname }) => hostname),
    own("commit"),
    own("branch"),
    own("dirty"),
    own("note"),
    { name: "size", kind: "bytes", of: ({ bytes }) => bytes },
  ];
}

/** Duration in seconds; of a running run, until it last wrote a value. */
function durationOf({ run: { startedAt, endedAt, status }, writtenAt }: Row): number | undefined {
  const until = endedAt ?? (status === "running" ? writtenAt : undefined);
  return startedAt === undefined || until === undefined ? undefined : Math.max(0, until - startedAt);
}
