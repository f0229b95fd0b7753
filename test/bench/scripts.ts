// How long scripts take on a host that is far away, in the held shell and in sessions of their own:
//   npm run bench:scripts
import { loadavg } from "node:os";
import { runScript, runShortScript } from "../../src/ssh/channel/script.js";
import { createTestClient, credentialsOf, targetOf, trusting } from "../support/client.js";
import { startSshd } from "../support/sshd.js";
import { behindLine, timeOf } from "./figures.js";

const repetitions = Number(process.env["BENCH_REPETITIONS"] ?? 9);
const sshd = await startSshd({ plain: true });
const rows: Record<string, unknown>[] = [];

for (const rtt of [0, 50]) {
  const { host, endLine } = await behindLine(sshd, rtt);
  const client = await createTestClient();
  const request = { target: targetOf(host), credentials: credentialsOf(host) };
  const connection = await client.connections.connect(request, trusting);
  const script = 'main() { echo "$1"; }';
  const short = (): Promise<unknown> => runShortScript(connection, script, ["word"]);
  const alone = (): Promise<unknown> => runScript(connection, script, ["word"]);
  const many = (work: () => Promise<unknown>, count: number): Promise<unknown> =>
    Promise.all(Array.from({ length: count }, work));
  rows.push({
    what: "the first, which opens the shell",
    "round trip, ms": rtt,
    ms: Math.round(await timeOf(short)),
  });
  await row("one, in the held shell", rtt, short);
  await row("30 at once, in the held shell", rtt, () => many(short, 30));
  await row("one, in a session of its own", rtt, alone);
  await client.dispose();
  endLine();
}
await sshd.stop();
console.log(`${repetitions} repetitions, medians, load ${loadavg()[0]?.toFixed(1) ?? ""} at the end`);
console.table(rows);

async function row(what: string, rtt: number, work: () => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  while (times.length < repetitions) times.push(Math.round(await timeOf(work)));
  times.sort((one, other) => one - other);
  rows.push({ what, "round trip, ms": rtt, ms: times[Math.floor(times.length / 2)], least: times[0] });
}
