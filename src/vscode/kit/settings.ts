import { homedir } from "node:os";
import { isAbsolute } from "node:path";
import * as vscode from "vscode";
import { type ForwardingBackend, usualBackends } from "../../tunnel/tunnel.js";
import { settingFrom, type SettingName, type SettingValue } from "./settingsTable.js";

const section = "runicorn";

/** The value of a setting. Nobody else reads settings. */
export function setting<Name extends SettingName>(name: Name): SettingValue<Name> {
  return settingFrom(name, vscode.workspace.getConfiguration(section).get<unknown>(name));
}

/** Writes a setting of the application's scope: no folder can bring it along. */
export async function changeSetting<Name extends SettingName>(
  name: Name,
  value: SettingValue<Name>,
): Promise<void> {
  await vscode.workspace.getConfiguration(section).update(name, value, vscode.ConfigurationTarget.Global);
}

/** Calls `onChange` when a setting changes whose name begins like this, e.g. `api`. */
export function onSettingsChange(prefix: string, onChange: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(`${section}.${prefix}`)) onChange();
  });
}

/** How long a viewer lives on when nobody looks after it. */
export function graceMinutes(): number {
  return setting("viewer.graceMinutes");
}

/** Bytes; the setting is in MiB. */
export function onDemandLimit(): number {
  return setting("sync.onDemandLimit") * 1024 * 1024;
}

/**
 * The configuration file of Remote - SSH, so that its hosts are ours too; undefined for the usual one. Only the person's own
 * setting counts: a folder must not name a file that says which programs to run.
 */
export function sshConfigFile(): string | undefined {
  const written = vscode.workspace.getConfiguration("remote.SSH").inspect<unknown>("configFile")?.globalValue;
  if (typeof written !== "string") return undefined;
  const path = written.trim().replace(/^~(?=[\\/])/, () => homedir());
  return isAbsolute(path) ? path : undefined;
}

/** Whether viewers on this host, as it was named, may listen on a port. */
export function mayListenOnPort(host: string): boolean {
  return setting("viewer.allowPortOn").includes(host);
}

/** Unknown backends are passed over, and nothing left means the usual order. */
export function tunnelBackends(): readonly ForwardingBackend[] {
  const known = setting("tunnel.backends").filter(isBackend);
  return known.length > 0 ? known : usualBackends;
}

function isBackend(value: string): value is ForwardingBackend {
  return usualBackends.some((backend) => backend === value);
}
