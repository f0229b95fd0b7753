import { expect, it } from "vitest";
import { localName } from "../../../../src/vscode/runKit/localName.js";

it.each([
  ["weights.pt", "weights.pt"],
  ["a:b?.txt", "a_b_.txt"],
  ["", "file"],
  // The dialog begins in the person's own folder: Enter alone must not make a file there that a shell runs.
  [".bash_login", "_bash_login"],
  [" .zshenv", "_zshenv"],
  ["..", "_"],
  ["log. ", "log"],
])("%j is offered as %j", (name, offered) => {
  expect(localName(name)).toBe(offered);
});
