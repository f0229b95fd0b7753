import { createHash, randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Failure } from "../../../src/common/failure.js";
import type { ForwardingBackend } from "../../../src/tunnel/tunnel.js";
import { sessionUrl, type ViewerSession } from "../../../src/viewer/session/session.js";
import {
  connectByConfig,
  createTestClient,
  createTestTunnels,
  createTestViewers,
} from "../../support/client.js";
import { environmentNamed } from "../../support/connectedHost.js";
import { documentTable } from "../../support/documentTable.js";
import { type Restriction, startForbiddingSshd } from "../../support/forbidding.js";
import { postQuantumOnly } from "../../support/postQuantum.js";
import { processesIn } from "../../support/processes.js";
import { type HostHome, makeHostHome } from "../../support/runicorn/hostHome.js";
import { until } from "../../support/until.js";
import { openLogPage, runOfLogPage } from "../../support/viewer/logPage.js";

/*
 * What a server allows of forwarding, and which way a viewer is then seen. `npm run test:forwarding` tries all of it and writes
 * the table; without it each rule is tried by one of the ways, and the table must say what was seen.
 */

const rules: readonly Restriction[] = [
  { name: "as OpenSSH comes", config: [] },
  ...[
    "AllowStreamLocalForwarding no",
    "AllowTcpForwarding no",
    "DisableForwarding yes",
    "PermitOpen none",
  ].map((line) => ({ name: `\`${line}\``, config: [line] })),
  { name: "`restrict,pty` before the key", config: [], ofKey: "restrict,pty" },
  { name: "`MaxSessions 2`", config: ["MaxSessions 2"] },
  { name: "`DisableForwarding yes`, `MaxSessions 2`", config: ["DisableForwarding yes", "MaxSessions 2"] },
];

interface Column {
  readonly name: string;
  readonly backend: ForwardingBackend;
  readonly config: readonly string[];
}

const columns: readonly Column[] = [
  { name: "in our process", backend: "in-process", config: [] },
  { name: "by an `ssh` for the tunnel", backend: "openssh", config: [] },
  { name: "by the `ssh` that holds the connection", backend: "openssh", config: postQuantumOnly },
];

let host: HostHome;
const file = randomBytes(20 * 1024 * 1024);
const digestOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

beforeAll(async () => {
  host = await makeHostHome();
});
afterAll(() => host.dispose());

/** The way on which the viewer was seen whole, or the failure. */
async function wayOf(rule: Restriction, column: Column): Promise<string> {
  const server = await startForbiddingSshd(rule, { home: host.home, config: column.config });
  const client = await createTestClient();
  const tunnels = createTestTunnels([column.backend], client.home);
  const viewers = createTestViewers(client, 600, tunnels);
  try {
    const connection = await connectByConfig(client, server);
    const environment = await environmentNamed("train", connection);
    const session = await viewers.start(connection, { environment, root: host.root });
    await seeAll(session);
    return `${addressOf(session)}, ${tunnels.all[0]?.backend === "relay" ? "relayed" : "forwarded"}`;
  } catch (error) {
    if (error instanceof Failure) return String(error.detail.code);
    throw error;
  } finally {
    await viewers.stopAll();
    await client.dispose();
    await until("nothing is left on the host", async () => (await processesIn(host.home)).length === 0);
    await server.stop();
  }
}

const addressOf = ({ state }: ViewerSession): string =>
  state.kind === "running" && "socket" in state.remote.address ? "socket" : "port";

/** The page, a page's log that goes on, and a large file. */
async function seeAll(session: ViewerSession): Promise<void> {
  const at = (path: string): URL => new URL(path, sessionUrl(session));
  expect(await (await fetch(at("/"))).text()).toContain("</html>");
  const page = await openLogPage(session);
  const { id, folder } = runOfLogPage(session);
  const path = join(folder, "large.bin");
  await writeFile(path, file);
  const answer = await fetch(at(`/api/runs/${id}/assets/download?path=${encodeURIComponent(path)}`));
  expect(answer.status).toBe(200);
  expect(digestOf(new Uint8Array(await answer.arrayBuffer()))).toBe(digestOf(file));
  expect(page.destroyed).toBe(false);
  page.destroy();
}

/** All columns of all rules; else one column of each, in turn. */
const isFull = process.env["FORWARDING_MATRIX"] === "full";
const cases = rules.flatMap((rule, number) =>
  columns
    .filter((_, index) => isFull || index === number % columns.length)
    .map((column) => ({ rule, column, name: `${rule.name}: ${column.name}` })),
);
const table = documentTable("docs/ssh-config.md", "forwarding");
const seen = new Map<string, string>();

it.each(cases)("a viewer is seen whole on a server $name", async ({ rule, column, name }) => {
  const way = await wayOf(rule, column);
  seen.set(name, way);
  expect(way).toMatch(/^socket, (forwarded|relayed)$/);
});

it("the documentation matches the results", async () => {
  const cell = (rule: Restriction, column: Column): string => seen.get(`${rule.name}: ${column.name}`) ?? "?";
  // A part of a run, by -t, writes no table.
  if (seen.size === rules.length * columns.length) {
    const heading = ["The server", ...columns.map(({ name }) => name)];
    const rows = rules.map((rule) => [rule.name, ...columns.map((column) => cell(rule, column))]);
    await table.write([heading, ...rows]);
    return;
  }
  const written = new Map<string, string>(
    (await table.read()).flatMap(([rule = "", ...ways]) =>
      ways.map((way, index) => [`${rule}: ${columns[index]?.name ?? ""}`, way] as const),
    ),
  );
  for (const [name, way] of seen) expect([name, written.get(name)]).toEqual([name, way]);
});
