import { expect, it } from "vitest";
import type { EditOutcome } from "../../../../src/viewer/runEdits.js";
import { changeEach } from "../../../../src/vscode/writeBack/changeEach.js";

const runOf = (id: string, folder = `runs/exp/${id}`) => ({ syncId: "one", id, folder });
const done: EditOutcome = { kind: "done" };
const never = new AbortController().signal;
const alone = (id: string) => Promise.resolve([runOf(id)]);

it("completed changes are reported, with the failure of a later one", async () => {
  const runs = ["a", "b", "c"].map((id) => runOf(id));
  const failure = new Error("the connection was lost");
  const work = ({ id }: { readonly id: string }) =>
    id === "b" ? Promise.reject(failure) : Promise.resolve(done);
  const here = () => Promise.resolve(runs);
  const changes = await changeEach(runs, { here, work, signal: never });
  expect(changes).toEqual({ done: [runs[0]], refused: [], failure, tried: runs.slice(0, 2) });
});

it("a run whose folder has the name of another one is left alone: which one would be changed is not known", async () => {
  const [run, other, third] = [runOf("a"), runOf("a", "runs/exp_backup/a"), runOf("b")];
  const asked: string[] = [];
  const work = ({ folder }: { readonly folder: string }) => {
    asked.push(folder);
    return Promise.resolve(done);
  };
  const here = () => Promise.resolve([run, other, third]);
  const changes = await changeEach([other, third], { here, work, signal: never });
  expect(asked).toEqual([third.folder]);
  expect(changes.refused).toEqual([{ run: other, why: { kind: "ambiguous", other: run.folder } }]);
  expect(changes.done).toEqual([third]);
});

it("nothing more is asked of a version that cannot do it, or once it is cancelled", async () => {
  const runs = [runOf("a"), runOf("b")];
  const work = (): Promise<EditOutcome> => Promise.resolve({ kind: "unsupported" });
  const here = ({ id }: { readonly id: string }) => alone(id);
  expect((await changeEach(runs, { here, work, signal: never })).refused).toHaveLength(1);
  expect((await changeEach(runs, { here, work, signal: AbortSignal.abort() })).tried).toEqual([]);
});
