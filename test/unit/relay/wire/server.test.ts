import { describe, expect, it } from "vitest";
import { checkMainServer, displayUrl, type MainServerOptions } from "../../../../src/relay/wire/server.js";

const key = "k".repeat(32);

function verdict(url: string, more: Partial<MainServerOptions> = {}): string {
  try {
    const server = checkMainServer({ url, proxyId: "proxy-1", apiKey: key, ...more });
    return `${server.transport} ${displayUrl(server)}`;
  } catch (error) {
    return (error as Error).message;
  }
}

describe("the main server", () => {
  it.each<[url: string, more: Partial<MainServerOptions>, expected: string]>([
    ["https://main.example", {}, "socket.io https://main.example"],
    ["wss://main.example", {}, "websocket wss://main.example"],
    ["wss://main.example/proxy", {}, "websocket wss://main.example"],
    ["wss://main.example/base/proxy/", {}, "websocket wss://main.example/base"],
    [" https://main.example:8443/ ", {}, "socket.io https://main.example:8443"],
    ["wss://main.example", { transport: "socket.io" }, "socket.io wss://main.example"],
    ["https://main.example", { transport: "websocket" }, "websocket https://main.example"],
    ["ws://localhost:3000", {}, "websocket ws://localhost:3000"],
    ["http://127.0.0.2", {}, "socket.io http://127.0.0.2"],
    ["ws://[::1]:80", {}, "websocket ws://[::1]"],
    ["ws://main.example", {}, "relay-url-insecure"],
    ["http://10.0.0.1", {}, "relay-url-insecure"],
    ["ws://127.0.0.1.example", {}, "relay-url-insecure"],
    ["ws://localhost.example", {}, "relay-url-insecure"],
    ["ws://main.example", { allowInsecure: true }, "websocket ws://main.example"],
    ["ftp://main.example", {}, "relay-url-invalid"],
    ["main.example", {}, "relay-url-invalid"],
    ["https://", {}, "relay-url-invalid"],
    ["https://user:secret@main.example", {}, "relay-url-invalid"],
    ["https://main.example/?apiKey=x", {}, "relay-url-invalid"],
    ["https://main.example/#x", {}, "relay-url-invalid"],
    ["https://main.example", { apiKey: "k".repeat(31) }, "relay-key-too-short"],
    ["https://main.example", { apiKey: "" }, "relay-key-too-short"],
    ["https://main.example", { proxyId: "" }, "relay-id-invalid"],
    ["https://main.example", { proxyId: "a\nb" }, "relay-id-invalid"],
  ])("%s %j: %s", (url, more, expected) => {
    expect(verdict(url, more)).toBe(expected);
  });
});
