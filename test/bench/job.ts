// A viewer's page by each way to its host, side by side in one run, over links of 0 and 50 ms there and back:
//   npm run bench:job
// BENCH_REPETITIONS turns (default 5), order reversed each time. Host, delay and peers are on this machine.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "../../src/common/logger.js";
import { createSshProgram } from "../../src/ssh/config/sshProgram.js";
import type { Forwarder } from "../../src/tunnel/forwarder.js";
import { type LocalPort, openLocalPort } from "../../src/tunnel/localPort.js";
import { createOpenForwarder } from "../../src/tunnel/openForwarder.js";
import { createStreamRelays } from "../../src/tunnel/relay/streamRelay.js";
import type { RemoteAddress } from "../../src/ssh/model/remoteAddress.js";
import type { ForwardingBackend } from "../../src/tunnel/tunnel.js";
import { sessionUrl } from "../../src/viewer/session/session.js";
import {
  createTestClient,
  createTestTunnels,
  createTestViewers,
  credentialsOf,
  testPages,
  trusting,
} from "../support/client.js";
import { environmentNamed } from "../support/connectedHost.js";
import { startForbiddingSshd } from "../support/forbidding.js";
import { guardKey } from "../support/guardedPort.js";
import { freePort } from "../support/ports.js";
import { makeHostHome } from "../support/runicorn/hostHome.js";
import { type Sshd, startSshd } from "../support/sshd.js";
import { until } from "../support/until.js";
import { launchBrowser } from "../support/vscode/chromium.js";
import { askFromSide, behindLine, median, timeOf } from "./figures.js";

const repetitions = Number(process.env["BENCH_REPETITIONS"] ?? 5);
const roundTrips = (process.env["BENCH_ROUND_TRIPS"] ?? "0,50").split(",").map(Number);
const side = "test/bench/guardSide.mjs";
const counts = { kept: 30, new: 30, file: 3 };

/** One way to a port of the host: through a local port, and one stream of it. */
interface Way {
  readonly name: string;
  readonly port: number;
  /** Opens one stream to a port or to a socket of the host, which is destroyed then. */
  readonly openStream: ((to: "port" | "socket") => Promise<void>) | undefined;
  /** Starts a viewer, gets its page and stops it; milliseconds until the page. */
  readonly startToPage: (() => Promise<number>) | undefined;
  /** Where the page of a viewer is that runs already. */
  page(): string;
  dispose(): Promise<void>;
}

const host = await makeHostHome();
const free = await startSshd({ home: host.home, config: ["MaxStartups 100"] });
const forbidding = await startForbiddingSshd(
  { name: "", config: ["DisableForwarding yes"] },
  { home: host.home },
);
const profile = await mkdtemp(join(tmpdir(), "bench-profile-"));
const webSocket = join(profile, "web");
const web = spawn(process.execPath, [side, "serve", webSocket], { stdio: ["ignore", "pipe", "inherit"] });
const [line] = (await once(web.stdout, "data")) as [Buffer];
const webPort = Number(line.toString());
const viewerPort = await freePort();
const viewer = await startViewer(viewerPort);
const browser = await launchBrowser({ profile });
const taken = new Map<string, Map<string, number[]>>();
try {
  for (const rtt of roundTrips) await measure(rtt);
} finally {
  await browser.close();
  web.kill();
  viewer.kill("SIGKILL");
  await free.stop();
  await forbidding.stop();
  await host.dispose();
  await rm(profile, { recursive: true, force: true });
}
report();

/** A viewer of the host that none of ours started: all ways lead to the same one. */
async function startViewer(port: number): Promise<ChildProcess> {
  const client = await createTestClient();
  const { python } = await environmentNamed("train", await client.connectTo(free));
  await client.dispose();
  const args = ["-m", "runicorn", "viewer", "--port", String(port), "--storage", host.root];
  const child = spawn(python, args, { stdio: "ignore" });
  await until("the viewer answers", () => answers(port));
  return child;
}

async function measure(rtt: number): Promise<void> {
  const [toOpen, toClosed] = [await behindLine(free, rtt), await behindLine(forbidding, rtt)];
  const [open, closed] = [toOpen.host, toClosed.host];
  const ways = [
    await ownWay("in-process", open, ["in-process"]),
    await ownWay("openssh", open, ["openssh"]),
    await ownWay("relay", closed, ["in-process"]),
    await peer(open),
  ];
  const note = (what: string, way: Way, figure: number): void => {
    const key = `${what}, ${rtt} ms`;
    const row = taken.get(key) ?? new Map<string, number[]>();
    taken.set(key, row.set(way.name, [...(row.get(way.name) ?? []), figure]));
  };
  console.log(`${rtt} ms: ways are open`);
  for (let turn = 0; turn < repetitions; turn += 1) {
    for (const way of turn % 2 === 0 ? ways : [...ways].reverse()) {
      const { openStream } = way;
      for (let times = 0; openStream && times < 20; times += 1)
        for (const to of times % 2 === 0 ? (["port", "socket"] as const) : (["socket", "port"] as const))
          note(`new stream to a ${to}, ms`, way, await timeOf(() => openStream(to)));
      note("request, new connection, ms", way, median(await askFromSide(way.port, "new", counts.new)));
      note("request, kept connection, ms", way, median(await askFromSide(way.port, "kept", counts.kept)));
      note("20 MB, MB/s", way, 20_000 / median(await askFromSide(way.port, "file", counts.file)));
      if (way.startToPage) note("start to page, ms", way, await way.startToPage());
      note("page in Chromium, ms", way, await pageIn(way.page()));
    }
  }
  for (const way of ways) await way.dispose();
  for (const { endLine } of [toOpen, toClosed]) endLine();
}

/** One of ours, with the guard before it. */
async function ownWay(name: string, server: Sshd, backends: readonly ForwardingBackend[]): Promise<Way> {
  const client = await createTestClient();
  const { host: address, port, user } = server;
  const request = { target: { host: address, port, user }, credentials: credentialsOf(server) };
  const connection = await client.connections.connect(request, trusting);
  const program = createSshProgram({ home: client.home, environment: process.env });
  const relays = createStreamRelays(silentLogger);
  const openForwarder = createOpenForwarder({
    program,
    backends: () => backends,
    relays,
    logger: silentLogger,
  });
  const forwarders: Forwarder[] = [];
  const carry = async (remote: RemoteAddress): Promise<Forwarder> => {
    const forwarder = await openForwarder(connection, { remote });
    forwarders.push(forwarder);
    return forwarder;
  };
  const lead = async (forwarder: Forwarder): Promise<LocalPort> => {
    const local = await openLocalPort(undefined, { key: guardKey, pages: testPages, openToPrograms: false });
    local.forwarder = forwarder;
    return local;
  };
  const at = (port: number): RemoteAddress => ({ host: "127.0.0.1", port });
  const to = { port: await carry(at(webPort)), socket: await carry({ socket: webSocket }) };
  const [toWeb, toViewer] = [await lead(to.port), await lead(await carry(at(viewerPort)))];
  const viewers = createTestViewers(client, 600, createTestTunnels(backends, client.home));
  const environment = await environmentNamed("train", connection);
  return {
    name,
    port: toWeb.port,
    openStream: async (where) => void (await to[where].connect()).destroy(),
    startToPage: async () => {
      const startedAt = performance.now();
      const session = await viewers.start(connection, { environment, root: host.root });
      await (await fetch(new URL("/", sessionUrl(session)))).text();
      const milliseconds = performance.now() - startedAt;
      await viewers.stop(session.id);
      return milliseconds;
    },
    page: () => toViewer.entrance({ lifetime: 60_000 }),
    dispose: async () => {
      for (const local of [toWeb, toViewer]) await local.close();
      for (const forwarder of forwarders) await forwarder.close();
      await client.dispose();
    },
  };
}

/** What one would type instead: `ssh -N -L`, with nothing before it. */
async function peer(server: Sshd): Promise<Way> {
  const [toWeb, toViewer] = [await freePort(), await freePort()];
  const forwards = [`${toWeb}:127.0.0.1:${webPort}`, `${toViewer}:127.0.0.1:${viewerPort}`];
  const options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"];
  const child = spawn(
    "ssh",
    [
      ...["-F", "none", "-N", "-i", server.identityFile, "-p", String(server.port)],
      ...options.flatMap((option) => ["-o", option]),
      ...forwards.flatMap((forward) => ["-L", forward]),
      `${server.user}@${server.host}`,
    ],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  await until("ssh forwards", () => answers(toWeb));
  return {
    name: "ssh -L",
    port: toWeb,
    // It connects to the host when it has taken the connection: a stream is there with its first answer.
    openStream: undefined,
    startToPage: undefined,
    page: () => `http://localhost:${toViewer}/`,
    dispose: async () => {
      child.kill();
      await once(child, "exit");
    },
  };
}

function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/`).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** Milliseconds until the page has loaded, in a browser that has kept nothing of it. */
async function pageIn(url: string): Promise<number> {
  const page = await browser.newPage();
  const session = await browser.newCDPSession(page);
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  // Our own address brings a ticket, for a page that goes on by itself: it is behind us then.
  await page.goto(url);
  await page.waitForURL(({ search }) => search === "", { waitUntil: "load" });
  const milliseconds = await timeOf(() => page.goto(new URL("/", url).href, { waitUntil: "load" }));
  await page.close();
  return milliseconds;
}

function report(): void {
  console.log(`medians of ${repetitions} turns (lowest to highest), load ${loadavg()[0]?.toFixed(1) ?? ""}`);
  const digits = (figure: number): string => figure.toFixed(figure < 100 ? 1 : 0);
  console.table(
    [...taken].map(([what, row]) => ({
      what,
      ...Object.fromEntries(
        [...row].map(([name, all]) => [
          name,
          `${digits(median(all))} (${digits(Math.min(...all))} to ${digits(Math.max(...all))})`,
        ]),
      ),
    })),
  );
}
