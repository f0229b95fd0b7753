import { homedir } from "node:os";
import { isAbsolute } from "node:path";
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { displayText } from "../../common/text/displayText.js";
import type { ForwardingBackend } from "../../tunnel/tunnel.js";
import {
  settingFrom,
  type SettingName,
  settingsTable,
  type SettingValue,
  usedInstead,
} from "./settingsTable.js";

const section = "runicorn";

/** The value of a setting. The only code that reads settings. */
export function setting<Name extends SettingName>(name: Name): SettingValue<Name> {
  return settingFrom(name, vscode.workspace.getConfiguration(section).get<unknown>(name));
}

/** Writes an application-scoped setting, which no workspace can override. */
export async function changeSetting<Name extends SettingName>(
  name: Name,
  value: SettingValue<Name>,
): Promise<void> {
  await vscode.workspace.getConfiguration(section).update(name, value, vscode.ConfigurationTarget.Global);
}

/** Calls `onChange` when a setting with this prefix, e.g. `api`, changes; without one, any of ours. */
export function onSettingsChange(prefix: string | undefined, onChange: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(prefix === undefined ? section : `${section}.${prefix}`)) onChange();
  });
}

/** Maximum characters shown of a written value. */
const shownLength = 60;

/** Warns once about each invalid value and what is used instead: now, and when settings change. */
export function watchSettings(): vscode.Disposable {
  const warned = new Map<SettingName, string>();
  const look = (): void => {
    const written = vscode.workspace.getConfiguration(section);
    for (const name of Object.keys(settingsTable) as SettingName[]) {
      const value = written.get<unknown>(name);
      const used = usedInstead(name, value);
      const text = used === undefined ? "" : JSON.stringify(value);
      if (text === (warned.get(name) ?? "")) continue;
      warned.set(name, text);
      if (used !== undefined) void tellNonsense(`${section}.${name}`, text, JSON.stringify(used));
    }
  };
  look();
  return onSettingsChange(undefined, look);
}

async function tellNonsense(name: string, written: string, used: string): Promise<void> {
  const open = l10n.t("Open Setting");
  const text = l10n.t(
    "{0} cannot be {1}; {2} is used instead.",
    name,
    displayText(written.slice(0, shownLength)),
    displayText(used.slice(0, shownLength)),
  );
  if ((await vscode.window.showWarningMessage(text, open)) === open)
    await vscode.commands.executeCommand("workbench.action.openSettings", name);
}

/** How long a viewer runs without lease renewal, in minutes. */
export function graceMinutes(): number {
  return setting("viewer.graceMinutes");
}

/** Bytes; the setting is in MiB. */
export function onDemandLimit(): number {
  return setting("sync.onDemandLimit") * 1024 * 1024;
}

/**
 * The configuration file of Remote - SSH, so that we share its hosts; undefined for the default. Only the user setting
 * counts: a workspace must not choose a file that can run programs.
 */
export function sshConfigFile(): string | undefined {
  const written = vscode.workspace.getConfiguration("remote.SSH").inspect<unknown>("configFile")?.globalValue;
  if (typeof written !== "string") return undefined;
  const path = written.trim().replace(/^~(?=[\\/])/, () => homedir());
  return isAbsolute(path) ? path : undefined;
}

/** Whether viewers on this host, by the name in the target, may listen on a port. */
export function mayListenOnPort(host: string): boolean {
  return setting("viewer.allowPortOn").includes(host);
}

/** Whether the ProxyCommand of this host, by the name in the target, may run again for each tunnel. */
export function mayRepeatProxyCommand(host: string): boolean {
  return setting("tunnel.repeatProxyCommand").includes(host);
}

/** In the order in which they are tried. */
export function tunnelBackends(): readonly ForwardingBackend[] {
  return setting("tunnel.backends") as readonly ForwardingBackend[];
}
