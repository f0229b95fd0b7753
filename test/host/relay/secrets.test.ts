import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { processesNaming } from "../../support/processes.js";
import { frameFor } from "../../support/relay/agentRig.js";
import { mainServers } from "../../support/relay/relayTest.js";
import { makeKey, startSshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

const canary = "c4n4ry";
const apiKey = `${canary}-api-key-that-is-long-enough-for-it`;

describe.each(mainServers)("what the main server sends over %s", (_name, startPeer) => {
  it("is in no log, error, journal or list of processes", async () => {
    const folder = await mkdtemp(join(tmpdir(), "relay-"));
    const data = join(folder, "data");
    await mkdir(data);
    await writeFile(join(folder, "key"), apiKey);
    makeKey(join(folder, "foreign"), "ed25519", canary, canary);
    const locked = await readFile(join(folder, "foreign"), "utf8");
    const host = await startSshd();
    let confirms = false;
    const peer = await startPeer({ apiKey, confirms: () => confirms });
    const args = ["--url", peer.url, "--proxy-id", "proxy-1", "--api-key-file", join(folder, "key")];
    const may = ["--allow-host", "127.0.0.1", "--accept-host-key", host.hostKey.fingerprint, "--verbose"];
    const agent = spawn(process.execPath, ["dist/headless.js", "relay", ...args, ...may, "--data", data], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [agent.stdout, agent.stderr]) stream.on("data", (chunk) => (said += String(chunk)));
    await peer.agent();

    const known = await frameFor(host, `X=${canary}-command; echo $X`);
    const results = [
      await peer.ask(known),
      await peer.ask(await frameFor(host, "echo", { privateKey: undefined, password: `${canary}-password` })),
      await peer.ask(await frameFor(host, "echo", { privateKey: locked })),
      await peer.ask(await frameFor(host, "echo", { privateKey: `${canary}-no-key` })),
      await peer.ask(await frameFor(host, `echo ${canary}`, { host: "10.0.0.1", password: canary })),
      await peer.ask(await frameFor(host, `echo ${canary}; sleep 9`, { timeout: 200 })),
      await peer.ask({ ...(await frameFor(host, `echo ${canary}`)), port: canary, password: canary }),
      await peer.ask({ ...(await frameFor(host, "echo")), username: `${canary}\0`, timeout: canary }),
    ];
    peer.emit("execute_command", { commandId: 7, password: canary });
    peer.emit(`x`, { text: canary });
    if (peer.transport === "websocket") peer.sendRaw(`{"${canary}": ${canary}`);
    await until("what is not understood is dropped", () => said.includes("dropped"));
    peer.cut();
    await peer.agent();
    const running = await processesNaming(data);
    expect(running.length).toBeGreaterThan(0);
    expect(JSON.stringify(await processesNaming("PRIVATE KEY"))).toBe("[]");
    expect(running.map(({ commandLine }) => commandLine).join("\n")).not.toContain(canary);
    expect(await processesNaming(apiKey)).toEqual([]);
    confirms = true;
    agent.kill("SIGTERM");
    await once(agent, "close");

    // What a command printed is told to the main server alone; what was said of failures holds nothing of ours.
    const [first, , , , , late, ...others] = results;
    expect(first?.stdout).toBe(`${canary}-command\n`);
    expect(late?.stdout).toBe(`${canary}\n`);
    expect(JSON.stringify(others)).not.toContain(canary);
    expect(results.map(({ stderr }) => stderr).join("\n")).not.toContain(canary);
    expect(said).not.toContain(canary);
    for (const file of await filesIn(data)) {
      const bytes = await readFile(file);
      expect(bytes.includes(canary), file).toBe(false);
      expect((await stat(file)).mode & 0o077, file).toBe(0);
    }
    const journal = (await filesIn(data)).filter((file) => file.endsWith(".journal"));
    expect(journal).toHaveLength(1);
    await peer.close();
    await host.stop();
    await rm(folder, { recursive: true });
  });
});

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
