import { expect, it } from "vitest";
import type { Problem } from "../../../../src/api/model/failures.js";
import { answerTo as answerOf04 } from "../../../../src/api/v04/problems.js";
import { answerTo as answerOf05 } from "../../../../src/api/v05/problems.js";
import { answerTo as answerOf06 } from "../../../../src/api/v06/problems.js";

it("a full disk of this machine is told in the fields of each version", () => {
  const problem: Problem = { code: "local-disk-full", file: "/home/ada/data/api-connections.json" };
  const message =
    "The disk of this machine that /home/ada/data/api-connections.json is on is full. Make room on it, then try again.";
  expect(answerOf04(problem)).toMatchObject({ status: 500, body: { detail: message } });
  expect(answerOf05(problem)).toMatchObject({ status: 500, body: { success: false, message } });
  expect(answerOf06(problem)).toMatchObject({ status: 500, body: { detail: message } });
});
