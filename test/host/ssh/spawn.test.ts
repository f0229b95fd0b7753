import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Connection } from "../../../src/ssh/model/connection.js";
import { startScript } from "../../../src/ssh/channel/script.js";
import {
  createTestClient,
  credentialsOf,
  targetOf,
  type TestClient,
  trusting,
} from "../../support/client.js";
import { processesIn } from "../../support/processes.js";
import { type Sshd, startSshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

let sshd: Sshd;
let client: TestClient;
let connection: Connection;
beforeAll(async () => {
  sshd = await startSshd({ shell: "/bin/bash" });
  // bash reads this for `ssh host command`, as many distributions have it.
  await writeFile(join(sshd.home, ".bashrc"), "echo 'Welcome to the cluster!'\n");
  client = await createTestClient();
  const request = { target: targetOf(sshd), credentials: credentialsOf(sshd) };
  connection = await client.connections.connect(request, trusting);
});
afterAll(async () => {
  await client.dispose();
  await sshd.stop();
});

const allBytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

describe("an interactive script", () => {
  it("answers each line while it runs, and ends with its own status", async () => {
    const script = 'main() { while IFS= read -r line; do echo "$1 $line"; done; return 7; }';
    const talk = await startScript(connection, script, ["it's"]);
    talk.stderr.resume();
    talk.stdin.write("one\n");
    expect(String((await once(talk.stdout, "data"))[0])).toBe("it's one\n");
    talk.stdin.write("two\n");
    expect(String((await once(talk.stdout, "data"))[0])).toBe("it's two\n");
    talk.stdin.end();
    talk.stdout.resume();
    expect(await talk.ended).toEqual({ kind: "exited", code: 7, signal: undefined });
  });

  it("passes every byte in both directions, with back-pressure", async () => {
    const talk = await startScript(connection, "main() { cat; }", []);
    talk.stderr.resume();
    const block = Buffer.concat(Array.from({ length: 4096 }, () => allBytes));
    let sent = 0;
    const blocks = 64;
    const feed = (): void => {
      while (sent < blocks) {
        sent += 1;
        if (!talk.stdin.write(block)) {
          talk.stdin.once("drain", feed);
          return;
        }
      }
      talk.stdin.end();
    };
    feed();
    expect(sent).toBeLessThan(blocks);
    let received = 0;
    for await (const chunk of talk.stdout as AsyncIterable<Buffer>) {
      expect(chunk[0]).toBe(received % 256);
      received += chunk.length;
    }
    expect(received).toBe(blocks * block.length);
  });

  it("ends on the host when it is killed here", async () => {
    const talk = await startScript(connection, "main() { echo started; cat; }", []);
    expect(String((await once(talk.stdout, "data"))[0])).toBe("started\n");
    talk.stderr.resume();
    talk.stdout.resume();
    talk.kill();
    await talk.ended;
    await until("the shell is gone", async () =>
      (await processesIn(sshd.home)).every(({ commandLine }) => !commandLine.includes("/bin/sh -s")),
    );
  });

  it("reports a start-up file that ends the shell first", async () => {
    const other = await startSshd({ shell: "/bin/bash" });
    await writeFile(join(other.home, ".bashrc"), "echo 'Account locked'; exit 3\n");
    const request = { target: targetOf(other), credentials: credentialsOf(other) };
    const locked = await client.connections.connect(request, trusting);
    await expect(startScript(locked, "main() { :; }", [])).rejects.toMatchObject({
      detail: { code: "script-did-not-run", output: "Account locked" },
    });
    await locked.close();
    await other.stop();
  });

  it("is lost with its connection", async () => {
    const other = await startSshd();
    const request = { target: targetOf(other), credentials: credentialsOf(other) };
    const doomed = await client.connections.connect(request, trusting);
    const talk = await startScript(doomed, "main() { echo here; cat; }", []);
    talk.stderr.resume();
    expect(String((await once(talk.stdout, "data"))[0])).toBe("here\n");
    talk.stdout.resume();
    await other.stop();
    expect(await talk.ended).toMatchObject({
      kind: "lost",
      failure: { detail: { code: "connection-lost" } },
    });
  });
});
