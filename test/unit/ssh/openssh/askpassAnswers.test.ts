import { expect, it } from "vitest";
import { readAskpassPrompt } from "../../../../src/ssh/openssh/askpassAnswers.js";

const long = `/home/ada/${"ü".repeat(200)}`;
const cut = Buffer.from(long).subarray(0, 100).toString("utf8");
const read = (prompt: string, hint = "") => readAskpassPrompt({ prompt, hint }, ["/keys/one", long]);

it.each([
  ["Enter passphrase for key '/keys/one': ", { kind: "passphrase", identityFile: "/keys/one" }],
  ["Enter passphrase for key '/it's mine': ': ", { kind: "passphrase", identityFile: "/it's mine': " }],
  [`Enter passphrase for key '${cut}': `, { kind: "passphrase", identityFile: long }],
  ["Enter PIN for ED25519-SK key /keys/one: ", { kind: "pin", identityFile: "/keys/one" }],
  ["Enter PIN for ECDSA-SK-CERT key /a b: c: ", { kind: "pin", identityFile: "/a b: c" }],
])("%j is a question about a key", (prompt, question) => {
  expect(read(prompt)).toEqual(question);
  for (const hint of ["confirm", "none", "else"]) expect(read(prompt, hint)).toEqual({ kind: "unknown" });
});

it("a touch is a notice, never a question", () => {
  const text = "Confirm user presence for key ED25519-SK SHA256:abc/+=";
  expect(read(text, "none")).toEqual({ kind: "touch" });
  expect(read(text)).toEqual({ kind: "unknown" });
  expect(read(text, "confirm")).toEqual({ kind: "unknown" });
});

it.each([
  "",
  "ada@gpu's password: ",
  "(ada@gpu) Password: ",
  "(ada@gpu) Enter passphrase for key '/keys/one': ",
  "Enter passphrase for key '/keys/one':",
  "Enter passphrase for key '': ",
  "Enter passphrase for key '/keys/one\u001b[2J': ",
  "Enter passphrase for key '/keys/one': \nEnter passphrase for key '/keys/one': ",
  `Enter passphrase for key '/${"x".repeat(5_000)}': `,
  "Are you sure you want to continue connecting (yes/no/[fingerprint])? ",
  "Enter PIN for 'token': ",
  "Enter PIN for RSA key /keys/one: ",
  "Allow use of key /keys/one?",
])("%j is not understood", (prompt) => {
  for (const hint of ["", "none", "confirm"]) expect(read(prompt, hint)).toEqual({ kind: "unknown" });
});
