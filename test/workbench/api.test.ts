import { describe, expect } from "vitest";
import { freePort } from "../support/ports.js";
import type { Sshd } from "../support/sshd.js";
import { until } from "../support/until.js";
import { windowTest } from "../support/vscode/windowTest.js";

const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const it = windowTest({ version: "newest", settings: { "runicorn.api.port": port } });

async function call(method: string, path: string, body?: object): Promise<unknown> {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(`${url}${path}`, {
    method,
    headers,
    ...(body && { body: JSON.stringify(body) }),
  });
  return response.json();
}

describe("the local API in a window", () => {
  const place = ({ port, user }: Sshd) => ({ host: "gpu", port, username: user });

  it("starts by a command, says where, and never asks the person in front of it", async ({ stage }) => {
    const { window, sshd } = stage;
    await window.showSideBar("Runicorn Remote");
    await window.command("Runicorn: Start Local API");
    await window.notification(`Local API running at ${url}`).waitFor();
    await stage.picture("api-started");
    const asked = (await call("POST", "/api/remote/connect", place(sshd))) as {
      detail: { host_key: object };
    };
    expect(asked).toMatchObject({ detail: { host_key: { reason: "unknown" } } });
    expect(await window.quickInput.count()).toBe(0);
    await call("POST", "/api/remote/known-hosts/accept", asked.detail.host_key);
  });

  it("shows what a client does at once, and opens the viewer that a client asks for", async ({ stage }) => {
    const { window, sshd } = stage;
    const body = { ...place(sshd), auth_method: "agent" };
    const { connection_id } = (await call("POST", "/api/remote/connect", body)) as { connection_id: string };
    await window.treeItem("Connections", /^(?!This Machine).*connected/).waitFor();
    await window.expandItem("Connections", "Known Hosts");
    await window.treeItem("Connections", "127.0.0.1").waitFor();
    await call("POST", "/api/remote/viewer/start", { connection_id, env_name: "train" });
    await window.treeItem("Connections", "running").waitFor();
    await window.frame(/^http:\/\/localhost:\d+\/(?!.*fake)/);
    await stage.picture("api-viewer");
    await window.statusBarItem("runicorn.runicorn-remote.runicorn.status").click();
    await window.row("Stop Local API").waitFor();
    await stage.picture("api-menu");
    await window.page.keyboard.press("Escape");
  });

  it("sees at once what the person does", async ({ window }) => {
    await window.command("Runicorn: Stop Viewer");
    await until("the client hears that the viewer is gone", async () => {
      const { sessions } = (await call("GET", "/api/remote/viewer/sessions")) as { sessions: unknown[] };
      return sessions.length === 0;
    });
  });

  it("stops by a command; its port is free again", async ({ window }) => {
    await window.command("Runicorn: Stop Local API");
    await until("nobody answers", () =>
      fetch(`${url}/api/health`).then(
        () => false,
        () => true,
      ),
    );
    expect(window.errors).toEqual([]);
  });
});
