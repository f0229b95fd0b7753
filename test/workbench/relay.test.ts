import { afterAll, beforeAll, describe, expect } from "vitest";
import { frameFor } from "../support/relay/agentRig.js";
import { type Peer, peerKey } from "../support/relay/peer.js";
import { startSocketIoPeer } from "../support/relay/socketIoPeer.js";
import { processesIn } from "../support/processes.js";
import { until } from "../support/until.js";
import { windowTest } from "../support/vscode/windowTest.js";

const statusItem = "runicorn.runicorn-remote.runicorn.status";

/** The relay agent in a real window. The tests build on one another, as a person's steps do. */
describe("the relay agent in a window", () => {
  let peer: Peer;
  beforeAll(async () => {
    peer = await startSocketIoPeer();
  });
  afterAll(() => peer.close());
  const it = windowTest({ version: "newest" });

  it("asks for the main server, the key and the hosts, and says what is wrong with an answer", async ({
    stage,
    window,
  }) => {
    await window.showSideBar("Runicorn Remote");
    await window.command("Runicorn: Start Relay Agent…");
    await window.waitForQuickInput("Start Relay Agent (1/4)");
    await window.quickInputBox.fill("ws://main.example");
    await window.quickInput.getByText("passwords would travel in clear").waitFor();
    await stage.picture("relay-insecure");
    await window.type(peer.url);
    await window.waitForQuickInput("Start Relay Agent (2/4)");
    await window.type("proxy-1");
    await window.waitForQuickInput("Start Relay Agent (3/4)");
    expect(await window.quickInputBox.getAttribute("type")).toBe("password");
    await window.quickInputBox.fill("short");
    await window.quickInput.getByText("less than 32 characters").waitFor();
    await window.type(peerKey);
    await window.waitForQuickInput("Start Relay Agent (4/4)");
    await window.quickInputBox.fill("not/a/block");
    await window.quickInput.getByText("neither a name nor an address").waitFor();
    await window.quickInputBox.fill("127.0.0.1, *.lab");
    await window.quickInput.getByText("commas between them").waitFor();
    await stage.picture("relay-hosts");
    await window.page.keyboard.press("Enter");
    await window.page.locator(".monaco-dialog-box", { hasText: "will be able to run any command" }).waitFor();
    await stage.picture("relay-consent");
    expect(peer.handshakes).toEqual([]);
    await window.answerDialog("Start");
    await window.treeItem("Relay", "connected").waitFor();
    await peer.agent();
    expect(peer.handshakes.at(-1)).toEqual({ proxyId: "proxy-1", apiKey: peerKey });
  });

  it("refuses a host whose key is not known, until a person trusts it", async ({ stage, window, sshd }) => {
    const refused = await peer.ask(await frameFor(sshd, "echo first"));
    expect(refused).toMatchObject({ stdout: "", exitCode: 1 });
    expect(refused.stderr).toContain(sshd.hostKey.fingerprint);
    await window.notification(sshd.hostKey.fingerprint).waitFor();
    await stage.picture("relay-unknown-key");
    await window.pressInNotification(sshd.hostKey.fingerprint, "Trust");
    await window.expandItem("Connections", "Known Hosts");
    await window.treeItem("Connections", "127.0.0.1").waitFor();
    const allowed = await peer.ask(await frameFor(sshd, "echo second"));
    expect(allowed).toEqual({ stdout: "second\n", stderr: "", exitCode: 0 });
  });

  it("shows counters and the last commands by id and host, not their text", async ({
    stage,
    window,
    sshd,
  }) => {
    await peer.ask(await frameFor(sshd, "echo canary; exit 3", { commandId: "cmd_exit" }));
    await peer.ask(await frameFor(sshd, "echo canary", { commandId: "cmd_elsewhere", host: "10.9.8.7" }));
    await window.treeItem("Relay", "2 done, 1 failed, 1 refused").waitFor();
    await window.treeItem("Relay", /cmd_exit.*127\.0\.0\.1 · exit code 3/).waitFor();
    await window.treeItem("Relay", /cmd_elsewhere.*10\.9\.8\.7 · refused/).waitFor();
    expect(await window.page.locator("body").innerText()).not.toContain("canary");
    await stage.picture("relay-running");
    await window.statusBarItem(statusItem).click();
    await window.row("Stop Relay Agent").waitFor();
    await stage.picture("relay-menu");
    await window.page.keyboard.press("Escape");
  });

  it("counts down to the next try while the main server is away", async ({ stage, window }) => {
    const { port } = peer;
    await peer.close();
    await window.treeItem("Relay", /next try in \d+ s/).waitFor();
    await window.treeItem("Relay", "The main server").waitFor();
    await stage.picture("relay-away");
    peer = await startSocketIoPeer({ port });
    await window.treeItem("Relay", "connected").waitFor();
  });

  it("asks before it stops while a command runs, and ends that", async ({ stage, window, sshd, host }) => {
    peer.execute(await frameFor(sshd, "sleep 300", { commandId: "cmd_long" }));
    await window.treeItem("Relay", "1 running").waitFor();
    await window.command("Runicorn: Stop Relay Agent");
    await window.page.locator(".monaco-dialog-box", { hasText: "The command that runs is ended" }).waitFor();
    await stage.picture("relay-stop");
    await window.answerDialog("Stop");
    await until("its result arrives", () => peer.resultOf("cmd_long") !== undefined, 60_000);
    expect(peer.resultOf("cmd_long")?.stderr).toContain("The relay agent was stopped.");
    await until("the agent is gone", () => !peer.connected, 60_000);
    await until(
      "the command is ended",
      async () =>
        (await processesIn(host.home)).every(({ commandLine }) => !commandLine.includes("sleep 300")),
      60_000,
    );
    await window.page.getByText("Run commands for a main server").waitFor();
  });

  it("starts again with the answers and the key that it was given", async ({ window }) => {
    await window.command("Runicorn: Start Relay Agent…");
    for (const step of [1, 2, 3, 4]) {
      await window.waitForQuickInput(`Start Relay Agent (${step}/4)`);
      await window.page.keyboard.press("Enter");
    }
    await window.answerDialog("Start");
    await window.treeItem("Relay", "connected").waitFor();
    await peer.agent();
    expect(peer.handshakes.at(-1)?.apiKey).toBe(peerKey);
    expect(window.errors).toEqual([]);
  });

  it("shows its audit log and is stopped from its item", async ({ window }) => {
    const agent = new URL(peer.url).host;
    await window.chooseOnTreeItem("Relay", agent, "Show Relay Audit Log");
    await window.page.locator(".tab.active", { hasText: "audit" }).waitFor();
    await window.pressOnTreeItem("Relay", agent, "Stop Relay Agent");
    await until("the agent is gone", () => !peer.connected);
  });
});

describe("the relay agent in a folder that is not trusted", () => {
  const it = windowTest({ version: "newest", restricted: true });

  it("does not start", async ({ stage, window }) => {
    await window.command("Runicorn: Start Relay Agent…");
    await window.notification("does not run in a folder that is not trusted").waitFor();
    await stage.picture("relay-untrusted");
    expect(await window.quickInput.count()).toBe(0);
  });
});
