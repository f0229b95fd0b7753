import { once } from "node:events";
import { createServer, connect, type AddressInfo, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { gatherWrites } from "../../../../src/ssh/inProcess/gatherWrites.js";

/** A stream that notes how many pieces each write to its system had. */
function noting(): { stream: Duplex; batches: string[][] } {
  const batches: string[][] = [];
  const stream = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      batches.push([chunk.toString()]);
      done();
    },
    writev: (chunks, done) => {
      batches.push(chunks.map(({ chunk }) => String(chunk)));
      done();
    },
  });
  gatherWrites(stream);
  return { stream, batches };
}

describe("writes to a coalescing stream", () => {
  it("are sent together within one turn of the event loop", async () => {
    const { stream, batches } = noting();
    stream.write("a");
    await Promise.resolve();
    stream.write("b");
    expect(batches).toEqual([]);
    await nextTurn();
    stream.write("c");
    await nextTurn();
    expect(batches).toEqual([["a", "b"], ["c"]]);
  });

  it("are all sent if the stream ends in the same turn", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    const [other] = (await once(server, "connection")) as [Socket];
    gatherWrites(socket);
    socket.write("a");
    socket.end("b");
    let read = "";
    for await (const chunk of other) read += String(chunk);
    expect(read).toBe("ab");
    server.close();
  });

  it("are harmless if the stream is closed before they are sent", async () => {
    const { stream, batches } = noting();
    stream.write("a");
    stream.destroy();
    await nextTurn();
    expect(batches).toEqual([]);
  });
});
