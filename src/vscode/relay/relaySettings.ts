import type { RelayOptions } from "../../relay/options.js";
import { changeSetting, setting } from "../kit/settings.js";

/** The name of an agent's API key in the secret storage. */
export function relayKeyName(url: string, proxyId: string): string {
  return `relay-key:${JSON.stringify([url, proxyId])}`;
}

/** What the wizard asks for and remembers, except the key. */
export interface RelayAnswers {
  readonly url: string;
  readonly proxyId: string;
  readonly allowedHosts: readonly string[];
}

export function rememberedAnswers(): RelayAnswers {
  return {
    url: setting("relay.url"),
    proxyId: setting("relay.proxyId"),
    allowedHosts: setting("relay.allowedHosts"),
  };
}

export async function rememberAnswers({ url, proxyId, allowedHosts }: RelayAnswers): Promise<void> {
  await changeSetting("relay.url", url);
  await changeSetting("relay.proxyId", proxyId);
  await changeSetting("relay.allowedHosts", allowedHosts);
}

/** The agent's options, from the answers and from settings. */
export function relayOptions({ url, proxyId, allowedHosts }: RelayAnswers, apiKey: string): RelayOptions {
  return {
    server: { url, proxyId, apiKey, allowInsecure: allowsInsecure() },
    allowedHosts,
    allowedCommands: setting("relay.allowedCommands"),
    caFile: setting("relay.caFile") || undefined,
    limits: { overall: setting("relay.limit"), perHost: setting("relay.limitPerHost") },
    keepCommands: setting("relay.keepCommands"),
  };
}

export function allowsInsecure(): boolean {
  return setting("relay.allowInsecure");
}
