import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, copyFile, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { nextEvent } from "../../../src/common/async/event.js";
import type { Connection } from "../../../src/ssh/model/connection.js";
import type { Tunnels } from "../../../src/tunnel/tunnel.js";
import {
  connectByConfig,
  createTestClient,
  createTestTunnels,
  targetOf,
  type TestClient,
  trusting,
} from "../../support/client.js";
import { startForbiddingSshd } from "../../support/forbidding.js";
import { noOtherMachine } from "../../support/otherMachine.js";
import { freePort } from "../../support/ports.js";
import { postQuantumOnly } from "../../support/postQuantum.js";
import { processesIn } from "../../support/processes.js";
import { killIfPresent, type Sshd, type SshdOptions, startSshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

const forbidding = { name: "", config: ["DisableForwarding yes"] };
const file = randomBytes(400_000);

/** Says a page of known content at once; at `/half` one half, and the other when it is told to. */
let halves: ServerResponse[] = [];
const web = createServer((request, response) => {
  if (request.url !== "/half") return response.end(file);
  response.writeHead(200, { "Content-Length": String(file.length) });
  response.write(file.subarray(0, 200_000));
  halves.push(response);
});

let folder: string;
let client: TestClient;
let tunnels: Tunnels;
let server: Sshd;
/** For the log of tunnels and relays. */
let said: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "relay-"));
  web.listen(0, "127.0.0.1");
  await once(web, "listening");
});
afterAll(async () => {
  web.closeAllConnections();
  web.close();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  halves = [];
  said = [];
  client = await createTestClient();
  const say = (message: string): void => void said.push(message);
  const logger = { debug: say, info: say, warn: say, error: say };
  tunnels = createTestTunnels(["openssh", "in-process"], client.home, process.env, undefined, logger);
});
afterEach(async () => {
  await tunnels.closeAll();
  await client.dispose();
  await server.stop();
  await until("no relay is left", async () => (await relays()).length === 0);
});

const relays = async () =>
  (await processesIn(server.home)).filter(({ commandLine }) =>
    commandLine.includes("Opens streams to sockets"),
  );
const remote = () => ({ host: "127.0.0.1", port: (web.address() as AddressInfo).port });

async function connect(options: SshdOptions, restriction = forbidding): Promise<Connection> {
  server = await startForbiddingSshd(restriction, options);
  return connectByConfig(client, server);
}

async function get(port: number, path = "/"): Promise<Buffer> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: "close" } });
  return Buffer.from(await answer.arrayBuffer());
}

describe.each([
  ["in this process", []],
  ["by the system's ssh", postQuantumOnly],
])("a host reached %s that forwards nothing", (_way, config) => {
  it("is led to by one relay, fifty requests at once and two tunnels", async () => {
    const connection = await connect({ config });
    const [one, two] = await Promise.all([
      tunnels.open(connection, { remote: remote() }),
      tunnels.open(connection, { remote: remote() }),
    ]);
    expect([one.backend, two.backend]).toEqual(["relay", "relay"]);
    expect(said).toContainEqual(expect.stringMatching(/tunnel 127.0.0.1:\d+ to port \d+ of .*: relay/));
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, number) => get((number % 2 ? one : two).localPort)),
    );
    expect(answers.every((answer) => answer.equals(file))).toBe(true);
    expect(await relays()).toHaveLength(1);
    await one.close();
    expect((await get(two.localPort)).equals(file)).toBe(true);
    await two.close();
    await until("the relay has ended with the last tunnel", async () => (await relays()).length === 0);
  });

  it("gets another relay when it is killed there, and an answer under way is cut", async () => {
    const tunnel = await tunnels.open(await connect({ config }), { remote: remote() });
    for (let round = 0; round < 3; round += 1) {
      const half = get(tunnel.localPort, "/half");
      await until("half an answer is under way", () => halves.length === round + 1);
      for (const { pid } of await relays()) killIfPresent(pid);
      await expect(half).rejects.toThrow();
      expect((await get(tunnel.localPort)).equals(file)).toBe(true);
      expect(tunnel.backend).toBe("relay");
    }
    expect(said.filter((message) => /the relay on .* has ended/.test(message))).toHaveLength(3);
  });

  it("cuts what is under way when the link is cut, and leads on over the next connection", async () => {
    const tunnel = await tunnels.open(await connect({ config }), { remote: remote() });
    const half = get(tunnel.localPort, "/half");
    await until("half an answer is under way", () => halves.length === 1);
    const lost = nextEvent(tunnel.onDidLose);
    await server.cutConnections();
    await expect(half).rejects.toThrow();
    expect(await lost).toMatchObject({ code: "connection-lost" });
    await until("the relay has ended with the link", async () => (await relays()).length === 0);
    await tunnel.resume(await client.connections.connect({ target: targetOf(server) }, trusting), remote());
    expect((await get(tunnel.localPort)).equals(file)).toBe(true);
  });
});

it("a port without a listener does not mean that forwarding is forbidden", async () => {
  server = await startSshd({ config: postQuantumOnly });
  const connection = await connectByConfig(client, server);
  const tunnel = await tunnels.open(connection, { remote: { host: "127.0.0.1", port: await freePort() } });
  expect(tunnel.backend).toBe("openssh");
  expect(await relays()).toEqual([]);
});

/** It waits twenty seconds for a session. */
it.skipIf(process.env["FORWARDING_MATRIX"] !== "full")(
  "a host that grants one session is told as that",
  async () => {
    const connection = await connect({}, { name: "", config: ["DisableForwarding yes", "MaxSessions 1"] });
    await connection.heldShell.run(Buffer.from("true"));
    await expect(tunnels.open(connection, { remote: remote() })).rejects.toMatchObject({
      detail: { code: "forwarding-refused", instead: { code: "channel-refused", reason: "MaxSessions" } },
    });
  },
);

it("the relay leads to no other host", async () => {
  const opening = tunnels.open(await connect({}), { remote: { host: "192.0.2.1", port: 80 } });
  await expect(opening).rejects.toMatchObject({ detail: { code: "forwarding-refused" } });
});

describe("a host whose Python is another program", () => {
  /** What it says when it is started as the relay; `$5` is the tag. */
  async function connectToLiar(words: string): Promise<Connection> {
    const path = join(folder, "liar");
    await mkdir(path, { recursive: true });
    const script = `#!/bin/sh\ncase $4 in *version_info*) exit 0;; esac\n${words}\nexec sleep 60 "Opens streams to sockets"\n`;
    await writeFile(join(path, "python3"), script);
    await chmod(join(path, "python3"), 0o755);
    return connect({ path: `${path}:/usr/bin:/bin` });
  }

  it.each([
    ["says nothing of ours", "echo hello", "it began with what is no word of it"],
    [
      "speaks of a stream that there is not",
      `printf '%s python\\nE\\0\\0\\0\\1\\0\\0\\0\\0%s' "$5" "$5"`,
      /there is not/,
    ],
    [
      "sends a frame without end",
      `printf '%s python\\nD\\0\\0\\0\\1\\377\\377\\377\\377' "$5"`,
      /a frame of 4294967295 bytes/,
    ],
    ["sends what is no frame", `printf '%s python\\n' "$5"; cat /dev/zero`, /no frame/],
    ["ends at once", `printf '%s python\\n' "$5"; echo 'no more' >&2; exit 1`, "no more"],
  ])("and %s is told as that", async (_what, words, output) => {
    const connection = await connectToLiar(words);
    const tell = async (): Promise<void> => {
      const tunnel = await tunnels.open(connection, { remote: remote() });
      await get(tunnel.localPort);
    };
    await expect(tell()).rejects.toThrow();
    const again = await tell().catch((error: unknown) => JSON.stringify(error));
    const all = [...said, again].join("\n");
    expect(all).toMatch(output);
    expect(connection.state).toBe("open");
  });
});

describe.skipIf(noOtherMachine !== undefined)("a host without Python", () => {
  const hidden = ["/usr/bin/python3", "/usr/bin/python", "/usr/local/bin/python3", "/usr/local/bin/python"];
  /** A shell on a machine whose own Pythons are hidden. */
  async function shellWithoutPython(): Promise<string> {
    const shell = join(folder, "shell");
    const hide = hidden.map((path) => `[ ! -e ${path} ] || mount --bind /dev/null ${path}`).join("; ");
    await writeFile(
      shell,
      `#!/bin/sh\nexec unshare --mount /bin/sh -c '${hide}; exec /bin/sh "$@"' - "$@"\n`,
    );
    await chmod(shell, 0o755);
    return shell;
  }

  it("is told with the reason, and a Python that is known to be there helps", async () => {
    const python = join(folder, "known-python");
    await copyFile(await realpath("/usr/bin/python3"), python);
    const connection = await connect({ shell: await shellWithoutPython() });
    await expect(tunnels.open(connection, { remote: remote() })).rejects.toMatchObject({
      detail: { code: "forwarding-refused", instead: { code: "stream-relay-impossible" } },
    });
    const tunnel = await tunnels.open(connection, { remote: remote(), interpreter: python });
    expect((await get(tunnel.localPort)).equals(file)).toBe(true);
  });
});
