import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { PassThrough } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { failWhenSilent, Silent } from "../../../../src/sync/helper/silence.js";

describe("waiting for a helper", () => {
  it("passes on everything that comes in time", async () => {
    const stream = new PassThrough();
    stream.write("a");
    setTimeout(() => stream.end("b"), 20);
    let text = "";
    for await (const bytes of failWhenSilent(stream, 5_000)) text += bytes.toString();
    expect(text).toBe("ab");
  });

  it("gives up when nothing comes", async () => {
    const stream = new PassThrough();
    stream.write("a");
    const reading = (async () => {
      for await (const bytes of failWhenSilent(stream, 30)) expect(bytes.toString()).toBe("a");
    })();
    await expect(reading).rejects.toBeInstanceOf(Silent);
  });

  it("does not count the time to process data", async () => {
    const stream = new PassThrough();
    stream.write("a");
    let text = "";
    for await (const bytes of failWhenSilent(stream, 30)) {
      text += bytes.toString();
      if (text === "a") {
        await delay(100);
        stream.end("b");
      }
    }
    expect(text).toBe("ab");
  });

  it("does not count the time in which this process was suspended", async () => {
    const [limit, stopped] = [400, 1_200];
    const source = createServer((socket) => socket.write("a"));
    source.listen(0, "127.0.0.1");
    await once(source, "listening");
    const socket = connect((source.address() as AddressInfo).port, "127.0.0.1");
    const reading = (async () => {
      let text = "";
      for await (const bytes of failWhenSilent(socket, limit)) {
        text += bytes.toString();
        if (text.length === 2) return text;
      }
      return text;
    })();
    source.once("connection", (there) => {
      setTimeout(() => {
        // Nothing runs meanwhile, and what was asked for before is answered a little later.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stopped);
        setTimeout(() => there.write("b"), 20);
      }, 50);
    });
    expect(await reading).toBe("ab");
    socket.destroy();
    source.close();
  });
});
