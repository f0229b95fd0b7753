import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Failure } from "../../../src/common/failure.js";
import type { Connection } from "../../../src/ssh/model/connection.js";
import type { ForwardingBackend } from "../../../src/tunnel/tunnel.js";
import { sessionUrl } from "../../../src/viewer/session/session.js";
import { createTestTunnels, createTestViewers } from "../../support/client.js";
import { environmentNamed } from "../../support/connectedHost.js";
import { documentTable } from "../../support/documentTable.js";
import { canCheckPasswords } from "../../support/pam.js";
import { type Login, type LoginMatrix, paths, setLoginMatrix } from "../../support/loginMatrix.js";
import { inTurn, isFullMatrix } from "../../support/matrix.js";
import { type HostHome, makeHostHome } from "../../support/runicorn/hostHome.js";

/*
 * Every way to log in, over every way to the host, through each tunnel backend alone. `npm run test:matrix` runs all of
 * it and writes the table; without it each login takes one of the ways and one backend, and the table must say what was
 * seen.
 */
const backends: readonly ForwardingBackend[] = ["openssh", "in-process"];
const table = documentTable("docs/ssh-config.md", "logins");

describe.skipIf(!canCheckPasswords)("a viewer opens, or fails with a specific failure", () => {
  let host: HostHome;
  let matrix: LoginMatrix;
  const seen = new Map<string, string>();
  beforeAll(async () => {
    host = await makeHostHome();
    matrix = await setLoginMatrix(host.home);
  });
  afterAll(async () => {
    await matrix.dispose();
    await host.dispose();
  });

  const names = [
    "key ed25519",
    "key ecdsa",
    "key rsa",
    "key, encrypted (OpenSSH)",
    "key, encrypted (PKCS#8)",
    "agent",
    "password",
    "password and code, two rounds",
    "key and code",
  ];
  const cells = names.flatMap((name, index) =>
    inTurn(paths, index).map((path) => ({ name, path, through: inTurn(backends, index) })),
  );

  it.each(cells)("$name, $path.name", async ({ name, path, through }) => {
    const login = matrix.logins.find((one) => one.name === name) as Login;
    const { connections } = matrix.client;
    const request = { target: { host: login.alias + path.suffix }, credentials: login.credentials };
    const connection = await connections.connect(request, login.person);
    for (const backend of through)
      seen.set(cellKey(name, path.name, backend), await attempt(connection, backend));
    await connection.close();
  });

  it("the documentation matches the results", async () => {
    if (isFullMatrix) {
      const heading = ["Login", ...columns.map(({ path, backend }) => `${path}, ${backend}`)];
      const cell = (name: string, { path, backend }: (typeof columns)[number]): string =>
        seen.get(cellKey(name, path, backend)) ?? "?";
      await table.write([heading, ...names.map((name) => [name, ...columns.map((one) => cell(name, one))])]);
      return;
    }
    const written = new Map<string, string>();
    for (const [name = "", ...outcomes] of await table.read())
      columns.forEach(({ path, backend }, index) =>
        written.set(cellKey(name, path, backend), outcomes[index] ?? ""),
      );
    for (const [key, outcome] of seen) expect([key, written.get(key)]).toEqual([key, outcome]);
  });

  async function attempt(connection: Connection, backend: ForwardingBackend): Promise<string> {
    const tunnels = createTestTunnels([backend], matrix.client.home, matrix.environment);
    const viewers = createTestViewers(matrix.client, 600, tunnels);
    const environment = await environmentNamed("train", connection);
    try {
      const session = await viewers.start(connection, { environment, root: host.root });
      expect(tunnels.all.map((tunnel) => tunnel.backend)).toEqual([backend]);
      const answer = await fetch(new URL("/api/health", sessionUrl(session)));
      expect(await answer.json()).toMatchObject({ status: "ok", storage: host.root });
      return "viewer";
    } catch (error) {
      if (error instanceof Failure) return `\`${error.detail.code}\``;
      throw error;
    } finally {
      await viewers.stopAll();
    }
  }
});

function cellKey(login: string, path: string, backend: ForwardingBackend): string {
  return [login, path, backend].join(" | ");
}

const columns = paths.flatMap((path) => backends.map((backend) => ({ path: path.name, backend })));
