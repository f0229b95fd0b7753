// The two sides of bench:guard, each a process of its own: a web server, and a client of one of its ways.
//   node guardSide.mjs serve [SOCKET]      prints its port
//   node guardSide.mjs ask PORT KIND COUNT  prints milliseconds for each request, as JSON
import { Buffer } from "node:buffer";
import { Agent, createServer, get } from "node:http";
import { performance } from "node:perf_hooks";

const [what, port, kind, count] = process.argv.slice(2);
const file = Buffer.alloc(20_000_000, "x");
if (what === "serve") {
  const answer = (request, response) => response.end(request.url === "/file" ? file : "{}");
  if (port !== undefined) createServer(answer).listen(port);
  const server = createServer(answer);
  server.listen(0, "127.0.0.1", () => console.log(server.address().port));
} else {
  const agent = new Agent({ keepAlive: kind !== "new", maxSockets: 1 });
  const path = kind === "file" ? "/file" : "/api/health";
  const ask = () =>
    new Promise((resolve, reject) => {
      get({ port, host: "127.0.0.1", agent, path, headers: { Host: `localhost:${port}` } }, (answer) => {
        if (answer.statusCode !== 200) reject(new Error(`status ${answer.statusCode}`));
        answer.resume().on("end", resolve);
      }).on("error", reject);
    });
  const times = [];
  for (let left = Number(count) + Math.ceil(count / 10); left > 0; left -= 1) {
    const startedAt = performance.now();
    await ask();
    if (left <= count) times.push(performance.now() - startedAt);
  }
  console.log(JSON.stringify(times));
  agent.destroy();
}
