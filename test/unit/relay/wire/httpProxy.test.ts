import { describe, expect, it } from "vitest";
import { type ProxyVariables, proxyFor } from "../../../../src/relay/wire/httpProxy.js";

const proxy = "http://proxy.corp:3128";
const through = (url: string, variables: ProxyVariables): string | undefined =>
  proxyFor(new URL(url), variables)?.href.replace(/\/$/, "");

describe("the HTTP proxy on the way to a main server", () => {
  it.each<[string, ProxyVariables, string | undefined]>([
    ["wss://main.example", { https_proxy: proxy }, proxy],
    ["https://main.example", { HTTPS_PROXY: proxy }, proxy],
    ["https://main.example", { https_proxy: proxy, HTTPS_PROXY: "http://other:1" }, proxy],
    ["https://main.example", { HTTPS_PROXY: "proxy.corp:3128" }, proxy],
    ["https://main.example", { ALL_PROXY: proxy }, proxy],
    ["https://main.example", { http_proxy: proxy }, undefined],
    ["ws://10.1.2.3", { http_proxy: proxy }, proxy],
    ["ws://10.1.2.3", { https_proxy: proxy }, undefined],
    ["https://main.example", { HTTPS_PROXY: "" }, undefined],
    ["https://main.example", { HTTPS_PROXY: "socks5://proxy.corp" }, undefined],
    ["https://main.example", { HTTPS_PROXY: "http://" }, undefined],
    ["https://127.0.0.1", { HTTPS_PROXY: proxy }, undefined],
    ["https://localhost", { HTTPS_PROXY: proxy }, undefined],
    ["https://[::1]", { HTTPS_PROXY: proxy }, undefined],
  ])("for %s, where %j, is %s", (url, variables, expected) => {
    expect(through(url, variables)).toBe(expected);
  });

  it.each<[string, string, boolean]>([
    ["*", "https://main.example", true],
    ["example", "https://main.example", true],
    [".example", "https://main.example", true],
    ["*.example", "https://main.example", true],
    ["MAIN.example", "https://main.example", true],
    ["ain.example", "https://main.example", false],
    ["main.example.org", "https://main.example", false],
    ["main.example:443", "https://main.example", true],
    ["main.example:8443", "https://main.example", false],
    ["a, b  main.example", "https://main.example", true],
    ["10.1.2.3", "https://10.1.2.3", true],
    ["[fd00::1]", "https://[fd00::1]", true],
    ["fd00::1", "https://[fd00::1]", true],
    [",", "https://main.example", false],
  ])("is not asked where no_proxy is %j for %s: %s", (list, url, isExempt) => {
    expect(through(url, { https_proxy: proxy, no_proxy: list }) === undefined).toBe(isExempt);
  });
});
