import fc from "fast-check";
import { expect, it } from "vitest";
import type { ViewerQuestion } from "../../../src/viewer/askViewer.js";
import { deleteRun, editRun, restoreRun } from "../../../src/viewer/runEdits.js";

const answering = (status: number, body: unknown) => {
  const asked: ViewerQuestion[] = [];
  const ask = (question: ViewerQuestion) => {
    asked.push(question);
    return Promise.resolve({ status, body });
  };
  return { asked, ask };
};

it("an id leads to no other address", async () => {
  const { asked, ask } = answering(200, {});
  await editRun(ask, "../x?y#z", { alias: "a" });
  expect(asked[0]?.path).toBe("/api/runs/..%2Fx%3Fy%23z");
});

it.each([
  [405, { detail: "Method Not Allowed" }, { kind: "unsupported" }],
  [404, { detail: "Not Found" }, { kind: "unsupported" }],
  [404, { detail: "Run not found" }, { kind: "refused", status: 404, why: "Run not found" }],
  [500, undefined, { kind: "refused", status: 500, why: "" }],
  [200, { ok: true }, { kind: "done" }],
])("%i with %j is %j", async (status, body, outcome) => {
  expect(await editRun(answering(status, body).ask, "a", { tags: [] })).toEqual(outcome);
});

it("without an explicit confirmation it counts as not done, whatever the response", async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (body) => {
      for (const edit of [deleteRun, restoreRun]) {
        const outcome = await edit(answering(200, body).ask, "a");
        const results = (body as { results?: { a?: { success?: unknown } } } | null)?.results;
        if (results?.a?.success !== true) expect(outcome.kind).toBe("refused");
      }
    }),
  );
});
