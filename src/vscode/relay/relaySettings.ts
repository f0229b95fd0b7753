import * as vscode from "vscode";
import type { RelayOptions } from "../../relay/options.js";

/** Where the API key of one agent is kept in the secret storage. */
export function relayKeyName(url: string, proxyId: string): string {
  return `relay-key:${JSON.stringify([url, proxyId])}`;
}

/** What the wizard asks for and remembers, but for the key. */
export interface RelayAnswers {
  readonly url: string;
  readonly proxyId: string;
  readonly allowedHosts: readonly string[];
}

export function rememberedAnswers(): RelayAnswers {
  const settings = vscode.workspace.getConfiguration("runicorn.relay");
  return {
    url: settings.get("url", ""),
    proxyId: settings.get("proxyId", ""),
    allowedHosts: settings.get<string[]>("allowedHosts", []),
  };
}

/** The settings are of the application's scope: no folder can bring them along. */
export async function rememberAnswers({ url, proxyId, allowedHosts }: RelayAnswers): Promise<void> {
  const settings = vscode.workspace.getConfiguration("runicorn.relay");
  const { Global } = vscode.ConfigurationTarget;
  await settings.update("url", url, Global);
  await settings.update("proxyId", proxyId, Global);
  await settings.update("allowedHosts", allowedHosts, Global);
}

/** The agent's options from the answers and the settings that the wizard does not ask for. */
export function relayOptions({ url, proxyId, allowedHosts }: RelayAnswers, apiKey: string): RelayOptions {
  const settings = vscode.workspace.getConfiguration("runicorn.relay");
  return {
    server: { url, proxyId, apiKey, allowInsecure: allowsInsecure() },
    allowedHosts,
    allowedCommands: settings.get<string[]>("allowedCommands", []),
    caFile: settings.get("caFile", "") || undefined,
    limits: { overall: settings.get("limit", 32), perHost: settings.get("limitPerHost", 8) },
    keepCommands: settings.get("keepCommands", false),
  };
}

export function allowsInsecure(): boolean {
  return vscode.workspace.getConfiguration("runicorn.relay").get("allowInsecure", false);
}
