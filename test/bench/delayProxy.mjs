// A way to a port of this machine that takes time: node delayProxy.mjs PORT MILLISECONDS-EACH-WAY. Prints its own port.
// It carries any number of bytes at once, as a long line does; it models no loss and no congestion.
import { connect, createServer } from "node:net";

const [port, delay] = process.argv.slice(2).map(Number);

function carry(from, to) {
  from.setNoDelay(true);
  from.on("error", () => undefined);
  from.on("data", (bytes) => later(() => to.write(bytes)));
  from.on("end", () => later(() => to.end()));
  from.on("close", () => later(() => to.destroy()));
}

function later(act) {
  if (delay === 0) act();
  else setTimeout(act, delay);
}

const server = createServer((near) => {
  // What is written before the way is open waits: a handshake takes one way there and back.
  later(() => {
    const far = connect(port, "127.0.0.1");
    carry(near, far);
    carry(far, near);
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
