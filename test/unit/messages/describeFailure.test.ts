import { expect, it } from "vitest";
import { describeFailure } from "../../../src/messages/describeFailure.js";

it.each([
  "connection-lost",
  "local-file-in-use",
  "viewer-stop-failed",
  "relay-host-entry-invalid",
  "of a later version",
])("has general words for %s where the facts for its sentence are missing", (code) => {
  expect(describeFailure({ code })).toMatchObject({ message: `Something failed: ${code}` });
});
