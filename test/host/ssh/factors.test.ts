import { afterEach, describe, expect, it } from "vitest";
import type { Interaction, KeyboardInteractiveRequest } from "../../../src/ssh/model/interaction.js";
import {
  createTestClient,
  credentialsOf,
  targetOf,
  type TestClient,
  trusting,
} from "../../support/client.js";
import { oneTimeCode } from "../../support/oneTimeCode.js";
import { canCheckPasswords } from "../../support/pam.js";
import { type Sshd, type SshdOptions, startSshd } from "../../support/sshd.js";

let server: Sshd;
let client: TestClient;
const start = async (options: SshdOptions): Promise<void> => {
  server = await startSshd(options);
  client = await createTestClient();
};
afterEach(async () => {
  await client.dispose();
  await server.stop();
});

/** Answers a password and codes, and remembers what was asked. */
function answering(password: string, code: () => string) {
  const asked: (string | KeyboardInteractiveRequest)[] = [];
  const person: Interaction = {
    ...trusting,
    password: () => {
      asked.push("password");
      return Promise.resolve(password);
    },
    keyboardInteractive: (request) => {
      asked.push(request);
      return Promise.resolve(request.prompts.map(code));
    },
  };
  return { person, asked };
}

const requests = async (): Promise<string[]> =>
  [
    ...(await server.log()).matchAll(/userauth-request for user \S+ service ssh-connection method (\S+)/g),
  ].map(([, method = ""]) => method);

describe.skipIf(!canCheckPasswords)("two factors", () => {
  it("password and code are two rounds; the code's prompt is shown whole", async () => {
    await start({ password: "first factor", code: true });
    const { person, asked } = answering("first factor", oneTimeCode);
    const connection = await client.connections.connect({ target: targetOf(server) }, person);
    expect((await connection.exec("echo in")).stdout.toString()).toBe("in\n");
    expect(asked).toEqual([
      "password",
      expect.objectContaining({ prompts: [{ prompt: "Verification code: ", echo: true }] }),
    ]);
    expect(await requests()).toEqual(["none", "keyboard-interactive"]);
  });

  it("a key and a code: the key is a partial success, then the code is asked for", async () => {
    await start({ code: true, config: ["AuthenticationMethods publickey,keyboard-interactive"] });
    const { person, asked } = answering("never asked", oneTimeCode);
    const request = { target: targetOf(server), credentials: credentialsOf(server) };
    await client.connections.connect(request, person);
    expect(asked).toHaveLength(1);
    expect(await requests()).toEqual(["none", "publickey", "publickey", "keyboard-interactive"]);
  });

  it("a wrong code is tried once, and the failure tells what was tried", async () => {
    await start({ code: true, config: ["AuthenticationMethods publickey,keyboard-interactive"] });
    const { person, asked } = answering("never asked", () => "000000");
    const request = { target: targetOf(server), credentials: credentialsOf(server) };
    await expect(client.connections.connect(request, person)).rejects.toMatchObject({
      detail: {
        code: "authentication-failed",
        tried: [`publickey (${server.identityFile})`, "keyboard-interactive"],
        remaining: ["keyboard-interactive"],
      },
    });
    expect(asked).toHaveLength(1);
  });

  it("a wrong password is not tried again by another method", async () => {
    await start({ password: "right", code: true, config: ["PasswordAuthentication yes"] });
    const { person, asked } = answering("wrong", oneTimeCode);
    await expect(client.connections.connect({ target: targetOf(server) }, person)).rejects.toMatchObject({
      detail: { code: "authentication-failed", tried: ["keyboard-interactive"] },
    });
    expect(asked).toEqual(["password"]);
    expect(await requests()).toEqual(["none", "keyboard-interactive"]);
  });
});
