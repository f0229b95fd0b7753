import { once } from "node:events";
import { type IncomingMessage, request, type RequestListener } from "node:http";
import { connect } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type GuardedPort, openGuardedPort } from "../../support/guardedPort.js";
import { until } from "../../support/until.js";
import {
  makeOtherAccount,
  noOtherAccount,
  type OtherAccount,
  runScriptAs,
} from "../../support/otherAccount.js";

/* Another account of this machine at the local port of a viewer, with all that it may have got hold of. */

describe.skipIf(noOtherAccount !== undefined)("a program of another account", () => {
  let port: GuardedPort;
  let other: OtherAccount;

  beforeAll(async () => {
    port = await openGuardedPort((_incoming, response) => response.end("runs"), { openToPrograms: true });
    other = makeOtherAccount();
  });
  afterAll(async () => {
    await other.dispose();
    await port.dispose();
  });

  const run = (script: string, ...args: string[]): Promise<string> => runScriptAs(other, script, args);

  const ask = `
    const [url, headers] = process.argv.slice(1);
    const answer = await fetch(url, { headers: JSON.parse(headers) });
    console.log(answer.status, (await answer.text()).trim());`;

  /** The cookie of a browser of ours that has opened the viewer. */
  async function cookie(): Promise<string> {
    const url = port.entrance({ lifetime: 30_000 });
    const sent = request(url, { headers: { Accept: "text/html" }, agent: false }).end();
    const [answer] = (await once(sent, "response")) as [IncomingMessage];
    answer.resume();
    return answer.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
  }

  it("is refused, with the cookie, a ticket and the key too, while ours is let in", async () => {
    const shown = await cookie();
    expect(shown).toMatch(/^runicorn-guard-\d+=.{43}$/);
    const page = { Accept: "text/html", Cookie: shown };
    expect(await (await fetch(port.url, { headers: page })).text()).toBe("runs");
    expect(await (await fetch(port.url)).text()).toBe("runs");
    const before = port.seen.length;
    const tries: [string, Record<string, string>][] = [
      [`${port.url}/api/runs`, {}],
      [`http://127.0.0.1:${port.port}/`, page],
      [`http://[::1]:${port.port}/`, page],
      [port.url, { Cookie: shown }],
      [port.url, page],
      [port.url, { ...port.ownHeaders }],
      [port.entrance({ lifetime: 30_000 }), { Accept: "text/html" }],
    ];
    for (const [url, headers] of tries)
      expect(await run(ask, url, JSON.stringify(headers))).toBe(
        "403 Programs of other accounts are refused\n",
      );
    expect(port.seen).toHaveLength(before);
  });

  it("gets nothing through by sending all at once and closing before anybody looks", async () => {
    const before = port.seen.length;
    const hasty = `
      import { connect } from "node:net";
      const [port] = process.argv.slice(1).map(Number);
      const request = "DELETE /runs HTTP/1.1\\r\\nHost: localhost:" + port + "\\r\\n\\r\\n";
      for (let sent = 0; sent < 50; sent += 1) await new Promise((done) => {
        const socket = connect(port, "127.0.0.1", () => socket.end(request, () => socket.resetAndDestroy()));
        socket.on("error", () => undefined).on("close", done);
      });`;
    expect(await run(hasty, String(port.port))).toBe("");
    // One of ours behind them shows that they have been dealt with.
    expect(await (await fetch(port.url)).text()).toBe("runs");
    expect(port.seen).toHaveLength(before + 1);
  });

  it("cannot stand where localhost leads to, too", async () => {
    const listen = `
      import { createServer } from "node:net";
      const [port] = process.argv.slice(1).map(Number);
      for (const host of ["127.0.0.1", "::1"]) await new Promise((done) => {
        const say = (text) => () => { console.log(host, text); done(); };
        createServer().on("error", say("refused")).listen({ host, port }, say("listens"));
      });
      process.exit();`;
    expect(await run(listen, String(port.port))).toBe("127.0.0.1 refused\n::1 refused\n");
  });

  it("that keeps many connections open holds up nobody", async () => {
    const many = `
      import { connect } from "node:net";
      const [port] = process.argv.slice(1).map(Number);
      for (let made = 0; made < 300; made += 1)
        connect(port, "127.0.0.1").on("error", () => undefined).resume();
      console.log("open");
      setTimeout(() => process.exit(), 3000);`;
    const running = run(many, String(port.port));
    const socket = connect(port.port, "127.0.0.1");
    socket.write(`GET / HTTP/1.1\r\nHost: localhost:${port.port}\r\n\r\n`);
    const [first] = (await once(socket, "data")) as [Buffer];
    expect(first.toString()).toMatch(/^HTTP\/1.1 200/);
    socket.destroy();
    expect(await running).toBe("open\n");
  });
});

describe.skipIf(noOtherAccount !== undefined)(
  "a program of another account that comes again and again",
  () => {
    it("has few streams of the host at once, none once it is refused, and holds up nobody", async () => {
      const port = await openGuardedPort((_incoming, response) => response.end("runs"));
      const other = makeOtherAccount();
      try {
        const { forwarder } = port;
        if (!forwarder) throw new Error("there is no way to the viewer");
        let [open, most] = [0, 0];
        port.forwarder = {
          ...forwarder,
          connect: async () => {
            most = Math.max(most, (open += 1));
            const stream = await forwarder.connect();
            stream.once("close", () => (open -= 1));
            return stream;
          },
        };
        const flood = `
        import { connect } from "node:net";
        const [port] = process.argv.slice(1).map(Number);
        let refused = 0;
        const one = () => connect({ port, host: "127.0.0.1", allowHalfOpen: true })
          .on("error", () => undefined)
          .once("data", () => { if (++refused === 100) console.log("refused"); one(); });
        for (let made = 0; made < 50; made += 1) one();`;
        const child = other.start(process.execPath, [
          "--input-type=module",
          "-e",
          flood,
          "--",
          String(port.port),
        ]);
        await once(child.stdout as NonNullable<typeof child.stdout>, "data");
        expect(await (await fetch(port.url, { headers: { Connection: "close" } })).text()).toBe("runs");
        // One that is refused closes a moment after its place is given on; fifty strangers ask at once.
        expect(most).toBeLessThan(20);
        child.kill("SIGKILL");
        await until("the host has no stream left", () => open === 0);
      } finally {
        await other.dispose();
        await port.dispose();
      }
    });
  },
);

describe("if the system does not tell whose connections they are", () => {
  let port: GuardedPort;
  afterEach(() => port.dispose());
  const ask = async (headers: Record<string, string>, url = port.url): Promise<[number, string]> => {
    const sent = request(url, { headers, agent: false }).end();
    const [answer] = (await once(sent, "response")) as [IncomingMessage];
    let text = "";
    for await (const chunk of answer) text += String(chunk);
    return [answer.statusCode ?? 0, text];
  };
  const runs: RequestListener = (_incoming, response) => response.end("runs");
  const page = { Accept: "text/html" };
  const entrance = () => port.entrance({ lifetime: 30_000 });
  const notTold = () => Promise.resolve(undefined);

  it("programs are rejected except ours; a browser needs a ticket, and its page has no button", async () => {
    port = await openGuardedPort(runs, {}, notTold);
    expect(await ask({})).toEqual([403, expect.stringContaining("does not tell")]);
    expect((await ask({}, entrance()))[0]).toBe(403);
    expect((await ask({ ...port.ownHeaders }))[0]).toBe(200);
    expect(JSON.stringify(port.seen[0]?.rawHeaders)).not.toMatch(/guard/i);
    expect(await ask(page)).toEqual([403, expect.stringContaining("Locked, no button")]);
    const pressed = { Origin: port.url };
    const button = request(`${port.url}/runicorn-guard/open?to=/`, {
      method: "POST",
      headers: pressed,
    }).end();
    const [refused] = (await once(button, "response")) as [IncomingMessage];
    refused.resume();
    expect(refused.statusCode).toBe(403);
    const sent = request(entrance(), { headers: page, agent: false }).end();
    const [answer] = (await once(sent, "response")) as [IncomingMessage];
    answer.resume();
    const cookie = answer.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
    expect((await ask({ ...page, Cookie: cookie }))[0]).toBe(200);
  });

  it("programs are admitted to a viewer that was started for them", async () => {
    port = await openGuardedPort(runs, { openToPrograms: true }, notTold);
    expect((await ask({}))[0]).toBe(200);
    expect(await ask(page)).toEqual([403, expect.stringContaining("<form")]);
  });
});
