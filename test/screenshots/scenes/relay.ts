import { frameFor } from "../../support/relay/agentRig.js";
import { type Peer, peerKey } from "../../support/relay/peer.js";
import { startSocketIoPeer } from "../../support/relay/socketIoPeer.js";
import type { Gallery } from "../gallery.js";
import { personAt } from "../person.js";

/** The relay agent, from its wizard to a main server that is away. */
export async function relay(gallery: Gallery): Promise<void> {
  const peer = await startSocketIoPeer();
  try {
    await withPeer(gallery, peer);
  } finally {
    await peer.close();
  }
}

async function withPeer(gallery: Gallery, peer: Peer): Promise<void> {
  const { window, words, stage } = gallery;
  const person = personAt(gallery);
  const answer = async (step: number, text: string): Promise<void> => {
    await window.waitForQuickInput(`${step}/4`);
    await window.type(text);
  };

  await gallery.view("relay-wizard", async () => {
    await person.closeEditors();
    await person.run("startRelay");
    await window.waitForQuickInput("1/4");
    await window.quickInputBox.fill("ws://main.example");
    await window.quickInput.locator(".quick-input-message").first().waitFor();
  });
  await gallery.view("relay-consent", async () => {
    await answer(1, peer.url);
    await answer(2, "proxy-1");
    await answer(3, peerKey);
    await answer(4, "127.0.0.1, *.lab");
    await window.page.locator(".monaco-dialog-box").waitFor();
  });
  await gallery.view("relay", async () => {
    await person.answer("Start");
    await peer.agent();
    await window.expandView(person.relay);
    await peer.ask(await frameFor(stage.sshd, "echo hello", { commandId: "cmd_hello" }));
    await peer.ask(await frameFor(stage.sshd, "exit 3", { commandId: "cmd_exit" }));
    await peer.ask(await frameFor(stage.sshd, "true", { commandId: "cmd_elsewhere", host: "10.9.8.7" }));
    await window.treeItem(person.relay, /cmd_elsewhere/).waitFor();
  });
  await gallery.view("relay-away", async () => {
    await peer.close();
    await window.treeItem(person.relay, words.of("next try in {0} s")).waitFor();
  });
  await gallery.step("stop the relay agent", () => person.run("stopRelay"));
}
