import { utils } from "ssh2";
import { expect, it } from "vitest";
import { readKeyFile } from "../../../../src/ssh/login/keyFiles.js";

it("says of a path with a NUL what is wrong with it", async () => {
  expect(await readKeyFile("/home/ada/.ssh/id\0", utils.parseKey)).toEqual({
    kind: "unreadable",
    reason: "its path holds a NUL character",
  });
});
