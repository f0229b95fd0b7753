import type { ServerChannel } from "ssh2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Hostility,
  ignoreWindow,
  repeat,
  sendPacket,
  sshString,
  uint32,
  writeForEver,
} from "../../support/hostileSshServer.js";
import {
  type AttackedPrograms,
  type AttackReport,
  prepareAttackedPrograms,
} from "../../support/underAttack.js";

/** `npm run test:hostile` has the largest folder listed that is taken. */
const isLong = process.env["HOSTILE_LONG"] === "1";

let programs: AttackedPrograms;
beforeAll(async () => {
  programs = await prepareAttackedPrograms();
});
afterAll(() => programs.dispose());

const noise = Buffer.from("Welcome to the cluster! ".repeat(1_000));
const log = (report: AttackReport): void => {
  if (process.env["HOSTILE_REPORT"])
    console.log(expect.getState().currentTestName, JSON.stringify(report).slice(-150));
};

/** However a server behaves: this much memory, and never busy for longer than this. */
async function attack(task: string, hostility: Hostility, longestTask = 200): Promise<AttackReport> {
  const report = await programs.doTask(task, hostility);
  log(report);
  expect(report.grownMegabytes).toBeLessThan(300);
  expect(report.longestTask).toBeLessThan(longestTask);
  return report;
}

const packets = { banner: 53, globalRequest: 80 } as const;

describe("a server that sends too much before login", () => {
  it("in lines before its version", async () => {
    const raw: Hostility["raw"] = (socket) => writeForEver(socket, Buffer.from(`${"x".repeat(8_000)}\r\n`));
    expect((await attack("nothing", { raw })).failure).toMatchObject({ code: "not-an-ssh-server" });
  });

  it("in one line without an end", async () => {
    const raw: Hostility["raw"] = (socket) => writeForEver(socket, Buffer.alloc(1_448, "x"));
    expect((await attack("nothing", { raw })).failure).toMatchObject({ code: "not-an-ssh-server" });
  });

  it("in banners", async () => {
    const banner = Buffer.concat([
      Buffer.from([packets.banner]),
      sshString("b".repeat(30_000)),
      sshString(""),
    ]);
    const authenticate: Hostility["authenticate"] = (_context, client, socket) =>
      repeat(socket, () => sendPacket(client, banner));
    expect((await attack("nothing", { authenticate })).failure).toMatchObject({
      code: "too-much-before-login",
    });
  });

  it("in questions without an end", async () => {
    const authenticate: Hostility["authenticate"] = (context) => {
      if (context.method !== "keyboard-interactive") {
        context.reject(["keyboard-interactive"]);
        return;
      }
      const ask = (): void => context.prompt([{ prompt: "Code: ".repeat(4_000), echo: true }], "", "", ask);
      ask();
    };
    expect((await attack("nothing", { authenticate })).failure).toMatchObject({
      code: "too-much-before-login",
    });
  });
});

describe("a server that sends too much in place of a script's output", () => {
  const flood: Hostility["exec"] = (channel) => writeForEver(channel, noise);
  const complaints: Hostility["exec"] = (channel) => writeForEver(channel.stderr, noise);

  it.each(["start a script", "environments", "host sessions", "lease"])(
    "on standard output: %s",
    async (task) => {
      expect((await attack(task, { exec: flood })).failure).toMatchObject({ code: "script-did-not-run" });
    },
  );

  it.each(["start a script", "environments", "host sessions"])("on standard error: %s", async (task) => {
    expect((await attack(task, { exec: complaints })).failure).toMatchObject({ code: "script-did-not-run" });
  });

  it("to a plain command: the beginning is kept", async () => {
    expect((await attack("exec", { exec: flood })).result).toEqual({
      kept: 16 * 1024 * 1024,
      truncated: true,
    });
  });

  it.each(["stdout", "stderr"] as const)("in answers of the held shell, on %s", async (stream) => {
    const exec: Hostility["exec"] = (channel) => {
      let text = "";
      channel.on("data", (chunk: Buffer) => {
        text = (text + chunk.toString("latin1")).slice(-100_000);
        const [, tag] = /^tag=([0-9a-f]{16})$/m.exec(text) ?? [];
        // It runs once more in a session of its own.
        if (text.includes("'<<")) channel.close();
        if (tag === undefined) return;
        text = "";
        const frame = `\n${tag} 1 +${" 41".repeat(100)}\n`;
        channel.stderr.write(`\n${tag} 1 <\n`);
        writeForEver(channel[stream], Buffer.from(frame.repeat(200)));
      });
    };
    const { failure } = await attack("lease", { exec });
    expect(failure).toMatchObject({ code: "script-did-not-run" });
  });

  it("in environments", async () => {
    const record = Buffer.from(["E", "venv", "/a/bin/python", "/a", "3.12", "0.7.2", ""].join("\0") + "\0");
    const exec: Hostility["exec"] = (channel) =>
      afterSentinel(channel, () =>
        writeForEver(channel, Buffer.concat(Array.from({ length: 500 }, () => record))),
      );
    expect((await attack("environments", { exec })).failure).toMatchObject({
      code: "environment-probe-failed",
    });
  });
});

/** Reads the script and prints what it would print first. */
function afterSentinel(channel: ServerChannel, then: () => void): void {
  let script = "";
  channel.on("data", (chunk: Buffer) => {
    script += chunk.toString("latin1");
    const [, sentinel] = /'(<<[0-9a-f]{24})'/.exec(script) ?? [];
    if (sentinel === undefined) return;
    script = "";
    channel.write(`${sentinel}\n`);
    then();
  });
}

describe("a server that sends more than it was allowed", () => {
  it("on a channel whose reader is slow", async () => {
    const onReady: Hostility["onReady"] = (client, socket) =>
      client.on("tcpip", (accept) => {
        const channel = accept();
        ignoreWindow(channel);
        repeat(socket, () => channel.write(noise));
      });
    expect((await attack("read slowly", { onReady })).result).toBe("lost");
  });

  it("as questions whose answers it does not read", async () => {
    const request = Buffer.concat([
      Buffer.from([packets.globalRequest]),
      sshString("keepalive@openssh.com"),
      Buffer.from([1]),
    ]);
    const onReady: Hostility["onReady"] = (client, socket) => {
      socket.removeAllListeners("data");
      socket.pause();
      repeat(socket, () => sendPacket(client, request));
    };
    // A turn of the event loop hands over up to 2 MiB that came, in many tasks: thirty thousand of these questions.
    expect((await attack("stay connected", { onReady }, 1_000)).result).toBe("lost");
  });
});

describe("a server that changes its identity", () => {
  it("is refused by its key at the second connection", async () => {
    const { failure } = await attack("connect again", { switchesKeys: true });
    expect(failure).toMatchObject({ code: "host-key-rejected", verdict: { kind: "changed" } });
  });
});

describe("an SFTP server", () => {
  const packet = (type: number, ...parts: readonly Buffer[]): Buffer => {
    const body = Buffer.concat([Buffer.from([type]), ...parts]);
    return Buffer.concat([uint32(body.length), body]);
  };
  const noAttributes = uint32(0);
  const nameOf = (name: string): Buffer => Buffer.concat([sshString(name), sshString(""), noAttributes]);
  const [version, status, handle, names] = [2, 101, 102, 104];
  const request = { init: 1, opendir: 11, readdir: 12, realpath: 16 };

  /** Answers each request; `readdir` says what a folder holds. */
  function sftp(readdir: (id: Buffer, count: number) => Buffer, attributes = noAttributes): Hostility {
    const answer = (type: number, id: Buffer, count: number): Buffer => {
      switch (type) {
        case request.init:
          return packet(version, uint32(3));
        case request.opendir:
          return packet(handle, id, sshString("h"));
        case request.readdir:
          return readdir(id, count);
        case request.realpath:
          return packet(names, id, uint32(1), nameOf("/home/person"));
        default:
          return packet(105, id, attributes);
      }
    };
    return {
      subsystem: (channel) => {
        let pending = Buffer.alloc(0);
        let count = 0;
        channel.on("data", (chunk: Buffer) => {
          pending = Buffer.concat([pending, chunk]);
          while (pending.length >= 5 && pending.length >= 4 + pending.readUInt32BE(0)) {
            const length = pending.readUInt32BE(0);
            const body = pending.subarray(4, 4 + length);
            pending = pending.subarray(4 + length);
            if (body[0] === request.readdir) count += 1;
            channel.write(answer(body[0] ?? 0, body.subarray(1, 5), count));
          }
        });
      },
    };
  }
  const end = (id: Buffer): Buffer => packet(status, id, uint32(1), sshString(""), sshString(""));
  const folderAttributes = Buffer.concat([uint32(4), uint32(0o040755)]);
  const entries = (name: (index: number) => string, count: number): Buffer =>
    Buffer.concat(
      Array.from({ length: count }, (_, index) =>
        Buffer.concat([sshString(name(index)), sshString(""), folderAttributes]),
      ),
    );

  it("that lists without an end", async () => {
    const many = entries((index) => `file-${index}`, 2_000);
    const readdir = (id: Buffer): Buffer => packet(names, id, uint32(2_000), many);
    expect((await attack("list a folder", sftp(readdir))).failure).toMatchObject({
      code: "folder-too-large",
    });
  });

  it("that lists names as long as can be without an end", async () => {
    const many = entries(() => "n".repeat(250_000), 1);
    const readdir = (id: Buffer): Buffer => packet(names, id, uint32(1), many);
    expect((await attack("list a folder", sftp(readdir))).failure).toMatchObject({
      code: "folder-too-large",
    });
  });

  it.skipIf(!isLong)("that lists a million entries less one", async () => {
    const readdir = (id: Buffer, count: number): Buffer => {
      if (count > 500) return end(id);
      const size = count === 500 ? 1_999 : 2_000;
      return packet(
        names,
        id,
        uint32(size),
        entries((index) => `f${count}-${index}`, size),
      );
    };
    const { result, failure } = await attack("list a folder", sftp(readdir));
    // Where others work as well, that takes longer than a folder may take.
    if (failure) expect(failure).toMatchObject({ code: "files-timed-out" });
    else expect(result).toMatchObject({ count: 999_999 });
  });

  it("that gives names which are paths", async () => {
    const bad = ["../../etc/passwd", "/etc/passwd", "a/b", "..", ".", "", "nul\0", "good"];
    const readdir = (id: Buffer, count: number): Buffer =>
      count > 1 ? end(id) : packet(names, id, uint32(bad.length), ...bad.map(nameOf));
    expect((await attack("list a folder", sftp(readdir))).result).toEqual({ count: 1, first: ["good"] });
  });

  it("whose sizes are wrong", async () => {
    const readdir = (id: Buffer): Buffer => packet(names, id, uint32(0xffffffff), nameOf("one"));
    expect((await attack("list a folder", sftp(readdir))).failure).toMatchObject({
      code: "sftp-unavailable",
    });
    const subsystem: Hostility["subsystem"] = (channel) =>
      void channel.write(Buffer.from("7fffffff02", "hex"));
    expect((await attack("list a folder", { subsystem })).failure).toMatchObject({
      code: "sftp-unavailable",
    });
  });

  it("that never answers is not waited for", async () => {
    const subsystem: Hostility["subsystem"] = (channel) => void channel.write(packet(version, uint32(3)));
    const { failure, milliseconds } = await attack("list a folder", { subsystem });
    expect(failure).toMatchObject({ code: "files-timed-out" });
    expect(milliseconds).toBeLessThan(40_000);
  });
});
