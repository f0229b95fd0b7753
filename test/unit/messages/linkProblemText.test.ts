import { expect, it } from "vitest";
import { linkProblemText } from "../../../src/messages/linkProblemText.js";
import { problemOf } from "../../../src/relay/wire/linkErrors.js";

it.each([
  ["ECONNREFUSED", "The main server refuses connections."],
  ["ENOTFOUND", "No host has the main server's name."],
  ["ETIMEDOUT", "The main server does not answer."],
  ["CERT_HAS_EXPIRED", "The main server's certificate has expired."],
  ["CERT_NOT_YET_VALID", "The main server's certificate is not valid yet. Check the clock of this machine."],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "The main server's certificate is for another name."],
  ["SELF_SIGNED_CERT_IN_CHAIN", "The main server's certificate is not trusted."],
])("an error %s becomes: %s", (code, text) => {
  const error = Object.assign(new Error("wss://main.example/?apiKey=secret"), { code });
  expect(linkProblemText(problemOf(error))).toBe(text);
});
