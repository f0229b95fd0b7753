import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Failure } from "../../../src/common/failure.js";
import type { ForwardingBackend } from "../../../src/tunnel/tunnel.js";
import { sessionUrl, type ViewerSession } from "../../../src/viewer/session/session.js";
import {
  createTestClient,
  createTestTunnels,
  createTestViewers,
  targetOf,
  trusting,
} from "../../support/client.js";
import { environmentNamed } from "../../support/connectedHost.js";
import { type Restriction, startForbiddingSshd } from "../../support/forbidding.js";
import { postQuantumOnly } from "../../support/postQuantum.js";
import { processesIn } from "../../support/processes.js";
import { type HostHome, makeHostHome } from "../../support/runicorn/hostHome.js";
import { until } from "../../support/until.js";
import { openLogPage, runOfLogPage } from "../../support/viewer/logPage.js";

/* What a server allows of forwarding, and which way a viewer is then seen: the table in docs/ssh-config.md is held to it. */

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
    const settings = `IdentityFile ${server.identityFile}\nIdentitiesOnly yes\n`;
    await writeFile(join(client.home, ".ssh", "config"), settings);
    const connection = await client.connections.connect({ target: targetOf(server) }, trusting);
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

/** What the documentation says, by the name of the rule and that of the column. */
function documented(): Map<string, string> {
  const lines = readFileSync("docs/ssh-config.md", "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| "));
  const cells = lines.map((line) =>
    line
      .split("|")
      .map((cell) => cell.trim())
      .slice(1, -1),
  );
  const [head = []] = cells.filter(([first]) => first === "The server");
  return new Map(
    cells.flatMap(([rule = "", ...ways]) =>
      ways.map((way, index) => [`${rule}: ${head[index + 1] ?? ""}`, way]),
    ),
  );
}

/** All columns of all rules; else one column of each, in turn. */
const isFull = process.env["FORWARDING_MATRIX"] === "full";
const cases = rules.flatMap((rule, number) =>
  columns
    .filter((_, index) => isFull || index === number % columns.length)
    .map((column) => ({ rule, column, name: `${rule.name}: ${column.name}` })),
);
const table = documented();

it.each(cases)("a viewer is seen whole on a server $name", async ({ rule, column, name }) => {
  expect(await wayOf(rule, column)).toBe(table.get(name));
});
