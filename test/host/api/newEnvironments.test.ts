import { rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { TestApi } from "../../support/api.js";
import { it } from "../../support/hostTest.js";
import { makeEnvironment } from "../../support/runicorn/environments.js";
import { configureRoot, type HostHome } from "../../support/runicorn/hostHome.js";
import { runicornVersions } from "../../support/runicorn/install.js";
import type { Sshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

/** What changes on a host while a client is connected to it is seen by the client's next request. */

let host: HostHome;
let server: Sshd;
let api: TestApi;
let id: string;

const place = () => ({ host: "127.0.0.1", port: server.port, username: server.user });
const config = (environment: string) =>
  api.request("GET", `/api/remote/config?connection_id=${id}&conda_env=${environment}`);
const start = (environment: string) =>
  api.request("POST", "/api/remote/viewer/start", {
    ...place(),
    conda_env: environment,
    remote_root: host.root,
  });

async function names(): Promise<string[]> {
  const { envs } = (await api.request("GET", `/api/remote/conda-envs?connection_id=${id}`)).body;
  return envs.map(({ name }: { name: string }) => name);
}

it.beforeAll(async ({ trainHome, trainServer, api: started }) => {
  [host, server, api] = [trainHome, trainServer, started];
  await api.request("POST", "/api/remote/connect", {
    ...place(),
    private_key_path: server.identityFile,
    use_agent: false,
  });
  id = `${server.user}@127.0.0.1:${server.port}`;
});

describe("a client of version 0.6 that stays connected", () => {
  it("sees an environment that was made, and one that is gone", async () => {
    expect(await names()).not.toContain("listed");
    await makeEnvironment(join(host.home, "venvs", "listed"), runicornVersions.newest);
    expect(await names()).toContain("listed");
    await rm(join(host.home, "venvs", "listed"), { recursive: true });
    expect(await names()).not.toContain("listed");
  });

  it("can name one at once that was made since the last look", async () => {
    await names();
    await makeEnvironment(join(host.home, "venvs", "configured"), runicornVersions.newest);
    expect(await config("configured")).toMatchObject({
      status: 200,
      body: { runicornVersion: runicornVersions.newest },
    });
    await makeEnvironment(join(host.home, "venvs", "started"), runicornVersions.newest);
    const { status, body } = await start("started");
    expect({ status, environment: body.session?.condaEnv }).toEqual({ status: 200, environment: "started" });
    // What a viewer does on the host would be counted below.
    await api.app.viewers.stopAll();
  });

  it("hears that there is none of that name, after one more look", async () => {
    await names();
    const before = (await server.commands()).length;
    expect((await config("none")).status).toBe(404);
    expect((await server.commands()).length - before).toBe(1);
  });

  it("sees that Runicorn was installed, and another storage root, within seconds", async () => {
    expect((await config("plain")).body).toMatchObject({
      runicornVersion: null,
      defaultStorageRoot: host.root,
    });
    const [library = ""] = [join(host.home, "venvs", "train", "lib")];
    await rm(join(host.home, "venvs", "plain", "lib"), { recursive: true });
    await symlink(library, join(host.home, "venvs", "plain", "lib"));
    const other = join(host.home, "elsewhere");
    await configureRoot(host.home, other);
    await until("the next look is due", async () => {
      const { runicornVersion, defaultStorageRoot } = (await config("plain")).body;
      return runicornVersion === runicornVersions.newest && defaultStorageRoot === other;
    });
    await configureRoot(host.home, host.root);
  });

  it("gets the system's Python where it names nothing", async () => {
    expect((await config("")).body).toMatchObject({ ok: true, condaEnv: "system" });
  });
});
