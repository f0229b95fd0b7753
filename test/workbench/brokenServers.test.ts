import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterAll, describe, expect } from "vitest";
import { brokenAccounts, type BrokenServer, startBrokenServer } from "../support/brokenAccounts.js";
import { type HostEntry, writeSshConfig } from "../support/clientHome.js";
import { noOtherAccount } from "../support/otherAccount.js";
import { freePort } from "../support/ports.js";
import { startSshd, type Sshd } from "../support/sshd.js";
import { picturesInThemes } from "../support/vscode/picturesInThemes.js";
import { windowTest } from "../support/vscode/windowTest.js";

/** BROKEN_SERVERS=all: the long form, with every account that the terminal and the REST API are tried with. */
const isLong = process.env["BROKEN_SERVERS"] === "all";
const inShortForm = [
  "the password has expired",
  "the account may not log in",
  "files may be transferred only",
  "a menu",
  "a start-up file that becomes another program",
];
const accounts = brokenAccounts.filter(({ name }) => isLong || inShortForm.includes(name));

/** What is wrong, as the alias of a host, and what the message must begin with. */
interface Broken {
  readonly alias: string;
  readonly name: string;
  readonly first: RegExp;
}

const servers: readonly Broken[] = [
  { alias: "refused", name: "nothing listens there", first: /refuses connections/ },
  { alias: "silent", name: "it takes connections and says nothing", first: /does not answer/ },
  { alias: "web", name: "it is a web server", first: /is not an SSH server/ },
  { alias: "changed", name: "its key has changed", first: /The host key of changed:\d+ has changed/ },
  { alias: "stranger", name: "it takes none of the keys", first: /rejected user/ },
];
const table: readonly Broken[] = [
  ...servers,
  ...accounts.map(({ name, first }, index) => ({ alias: `account-${index}`, name, first })),
];

describe.skipIf(noOtherAccount !== undefined)("a server that cannot be used", () => {
  let broken: BrokenServer;
  let other: Sshd;
  const silent = createServer(() => undefined);
  const web = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  afterAll(async () => {
    await broken.dispose();
    await other.stop();
    silent.close();
    web.close();
  });
  const it = windowTest({
    version: "newest",
    prepare: async ({ window, sshd, laptop }) => {
      [broken, other] = await Promise.all([startBrokenServer(accounts), startSshd()]);
      const { server } = broken;
      const portOf = async (plain: typeof silent): Promise<number> => {
        plain.listen(0, "127.0.0.1");
        await once(plain, "listening");
        return (plain.address() as AddressInfo).port;
      };
      const { user, identityFile } = other;
      const entries: HostEntry[] = [
        { alias: "refused", port: await freePort(), user },
        { alias: "silent", port: await portOf(silent), user, connectTimeout: 5 },
        { alias: "web", port: await portOf(web), user },
        { alias: "changed", port: other.port, user, identityFile },
        { alias: "stranger", port: sshd.port, user, identityFile },
        ...accounts.map(({ name }, index) => ({
          alias: `account-${index}`,
          port: server.port,
          user: broken.users.get(name) ?? "",
          identityFile: server.identityFile,
        })),
      ];
      await writeSshConfig(laptop, entries);
      const keys: readonly (readonly [Sshd, Sshd])[] = [
        [server, server],
        [sshd, sshd],
        // That of another server.
        [other, server],
      ];
      const lines = keys.map(async ([at, holder]) => {
        const key = await readFile(join(holder.folder, "host_key.pub"), "utf8");
        return `[127.0.0.1]:${at.port} ${key}`;
      });
      const knownHosts = (await Promise.all(lines)).join("");
      await writeFile(join(laptop, ".ssh", "known_hosts"), knownHosts);
      await window.showSideBar("Runicorn Remote");
    },
  });

  it.for(table)("is said to be what it is: $name", async ({ alias, first }, { stage, window }) => {
    await window.command("Runicorn: Connect to Host…");
    await window.waitForQuickInput("Connect to Host");
    // Rows further down are in the page only when they are scrolled to, or found.
    await window.quickInputBox.fill(alias);
    await window.pick(alias);
    const card = await window.panelText("Try Again", 60_000);
    const text = (await card.locator(".card > h1, .card > p").allInnerTexts()).join(" ");
    // The longest of them.
    if (alias === "changed") await picturesInThemes(stage, `broken-${alias}`);
    else await stage.picture(`broken-${alias}`);
    await window.command("View: Close All Editors");
    await window.tabs.first().waitFor({ state: "detached" });
    const [sentence = ""] = text.split(/(?<=\.) /);
    expect(text).toMatch(first);
    expect(sentence, text).toMatch(first);
    expect(text).not.toMatch(/did not run our script|Something went wrong/);
  });
});
