import { isIP } from "node:net";

/** What the account's environment says of proxies. */
export type ProxyVariables = Readonly<Record<string, string | undefined>>;

/**
 * The HTTP proxy that the environment names for this address, as curl reads it: `https_proxy`, `http_proxy` or `all_proxy`,
 * unless `no_proxy` names the host; in capitals as well. Of a proxy's address the scheme may be missing. This machine is
 * never reached through one, and no other kind of proxy is known.
 */
export function proxyFor(url: URL, variables: ProxyVariables): URL | undefined {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  if (isLoopback(host) || isExempt(host, portOf(url), valueOf("no_proxy", variables))) return undefined;
  const kind = isSecure(url) ? "https_proxy" : "http_proxy";
  const named = valueOf(kind, variables) || valueOf("all_proxy", variables);
  if (named === "") return undefined;
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(named) ? named : `http://${named}`;
  if (!URL.canParse(address)) return undefined;
  const proxy = new URL(address);
  return proxy.protocol === "http:" || proxy.protocol === "https:" ? proxy : undefined;
}

function valueOf(name: string, variables: ProxyVariables): string {
  return (variables[name] || variables[name.toUpperCase()] || "").trim();
}

function isSecure({ protocol }: URL): boolean {
  return protocol === "https:" || protocol === "wss:";
}

function portOf(url: URL): string {
  return url.port || (isSecure(url) ? "443" : "80");
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** `*`, or names and addresses between commas or spaces: each stands for what is below it too, and may name a port. */
function isExempt(host: string, port: string, list: string): boolean {
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => {
      if (entry === "*") return true;
      const { name, ofPort = port } = exemptionIn(entry);
      return name !== "" && ofPort === port && (host === name || host.endsWith(`.${name}`));
    });
}

function exemptionIn(entry: string): { readonly name: string; readonly ofPort: string | undefined } {
  if (isIP(entry) === 6) return { name: entry, ofPort: undefined };
  const [, bracketed, plain = "", ofPort] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [];
  return { name: bracketed ?? plain.replace(/^\*?\./, ""), ofPort };
}
