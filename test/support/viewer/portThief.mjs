// Takes ports of viewers before they do, as another account of the host could, and answers like them. What it does comes in
// lines on the standard input, and each port that it has taken is a line of the standard output:
//   steal N MARK   the next N ports that a process whose command line has MARK in it is told to listen on
//   take PORT      this one, as soon as it is free
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { setImmediate } from "node:timers";

const seen = new Set();
let storage = "";

function listen(port, onTaken, onRefused) {
  const server = createServer((_request, response) => {
    response.setHeader("x-thief", "yes");
    response.end(JSON.stringify({ status: "ok", storage, version: "0.7.2" }));
  });
  server.once("error", onRefused);
  server.listen(port, "127.0.0.1", () => {
    onTaken();
    console.log(port);
  });
}

function steal(left, mark) {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name) && !seen.has(name))) {
    const words = commandOf(pid);
    if (!words.includes("viewer") || !words.some((word) => word.includes(mark))) continue;
    const port = Number(words[words.indexOf("--port") + 1]);
    seen.add(pid);
    // It listens on a socket.
    if (port === 0) continue;
    storage = words[words.indexOf("--storage") + 1];
    left -= 1;
    listen(
      port,
      () => undefined,
      () => console.log("late"),
    );
    if (left === 0) return;
  }
  setImmediate(steal, left, mark);
}

function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}

function take(port) {
  listen(
    port,
    () => undefined,
    () => setImmediate(take, port),
  );
}

createInterface({ input: process.stdin }).on("line", (line) => {
  const [verb, value, mark] = line.split(" ");
  if (verb === "steal") steal(Number(value), mark);
  else take(Number(value));
});
console.log("ready");
