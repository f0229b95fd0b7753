import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { connectionTable, readConnectionTable } from "../../../../src/common/account/connectionTable.js";

const heading =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
let line = 0;
const row = (local: string, remote: string, state: string, uid: number, inode: number): string =>
  `${String(line++).padStart(4)}: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000 ${String(uid).padStart(5)}        0 ${inode} 1 00000000ac9deaa5 100 0 0 10 0\n`;

const api = { address: "127.0.0.1", port: 23_300 };
const peer = (port: number) => ({ address: "127.0.0.1", port });
const ours = "0100007F:5B04";
const mapped = (address: string) => `0000000000000000FFFF0000${address}`;

const table = connectionTable(
  heading +
    row(ours, "00000000:0000", "0A", 1000, 11) +
    row("0100007F:1111", ours, "01", 1001, 12) +
    row(ours, "0100007F:1111", "01", 1000, 13) +
    row("0100007F:2222", ours, "05", 0, 0) +
    row("0200007F:3333", ours, "01", 1002, 14) +
    heading +
    row(mapped("0100007F:4444"), mapped(ours), "01", 1003, 15) +
    row("00000000000000000000000001000000:5555", "00000000000000000000000001000000:5B04", "01", 1004, 16),
);

describe("the table of connections", () => {
  it.each([
    ["an account's socket", peer(0x1111), api, 1001],
    ["a socket that its program has closed", peer(0x2222), api, undefined],
    ["another address of the loopback", { address: "127.0.0.2", port: 0x3333 }, api, 1002],
    ["the port of another address", peer(0x3333), api, undefined],
    ["an IPv6 socket that leads to an IPv4 address", peer(0x4444), api, 1003],
    ["IPv6", { address: "::1", port: 0x5555 }, { address: "::1", port: 23_300 }, 1004],
    ["the same, as an IPv6 server sees it", { address: "::ffff:127.0.0.1", port: 0x1111 }, api, 1001],
    ["nobody", peer(0x7777), api, undefined],
    ["an address of another network", { address: "10.0.0.1", port: 0x1111 }, api, undefined],
    ["a name", { address: "localhost", port: 0x1111 }, api, undefined],
  ])("finds the owner of %s", (_name, from, to, uid) => {
    expect(table.ownerOf(from, to)).toBe(uid);
  });

  it("finds the owner of a listener, and does not confuse it with a connection", () => {
    expect(table.isListening(api, 1000)).toBe(true);
    expect(table.isListening(api, 1001)).toBe(false);
    expect(table.isListening(peer(0x1111), 1001)).toBe(false);
    expect(connectionTable("").isListening(api, 1000)).toBe(false);
  });

  it("reads the numbers of a machine that keeps its bytes in the other order", () => {
    const text = row("7F000001:1111", "7F000001:5B04", "01", 7, 1);
    expect(connectionTable(text, "BE").ownerOf(peer(0x1111), api)).toBe(7);
    expect(connectionTable(text, "LE").ownerOf(peer(0x1111), api)).toBeUndefined();
  });
});

describe.skipIf(process.platform !== "linux")("reading it", () => {
  it("stops after the chunk with the match", async () => {
    const servers = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const server = createServer().listen(0, "127.0.0.1");
        await once(server, "listening");
        return server;
      }),
    );
    try {
      // Each server has a row, and a page of the kernel holds some thirty.
      let pieces = 0;
      await readConnectionTable("ipv4", () => {
        pieces += 1;
        return false;
      });
      const all = pieces;
      expect(all).toBeGreaterThan(2);
      pieces = 0;
      const address = servers[0]?.address() as AddressInfo;
      const uid = process.getuid?.() ?? 0;
      const found = await readConnectionTable("ipv4", (rows) => {
        pieces += 1;
        return pieces === 2 || rows.isListening(address, uid);
      });
      expect(found).toBeDefined();
      expect(pieces).toBeLessThan(all);
    } finally {
      for (const server of servers) server.close();
    }
  });
});
