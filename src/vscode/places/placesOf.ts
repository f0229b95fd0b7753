import { hostname } from "node:os";
import * as l10n from "@vscode/l10n";
import type { Uri } from "vscode";
import { displayText } from "../../common/text/displayText.js";
import type { Target } from "../../ssh/model/target.js";
import { canBeHost } from "../../ssh/model/thisMachine.js";
import { hostOfAuthority } from "./hostOfAuthority.js";

/** VS Code's facts about a window. */
export interface WindowFacts {
  /** Whether this extension host runs on the machine whose files the window shows. */
  readonly isBesideFiles: boolean;
  /** Undefined in a local window. */
  readonly remoteName: string | undefined;
  readonly folders: readonly Place[];
  readonly workspaceFile: Place | undefined;
}

type Place = Pick<Uri, "scheme" | "authority" | "path">;

/** Where a window is, relative to the machine of this extension host. */
export interface WindowPlaces {
  /** Whether to list this machine among the hosts; Windows cannot be one. */
  readonly isHereListed: boolean;
  /** Whether this machine is the remote machine that the window works on. */
  readonly isHereFirst: boolean;
  /** The host that the window works on, if it is not this machine. */
  readonly host: WindowsHost | undefined;
  /** Describes this machine, for users who may confuse it with another. */
  readonly hereText: string;
}

export interface WindowsHost {
  readonly target: Target;
  /** Absolute path on the host of the window's folder; undefined if there is none. */
  readonly folder: string | undefined;
}

/** @param platform as `process.platform`. @param name host name of this machine. */
export function placesOf(
  facts: WindowFacts,
  platform: string = process.platform,
  name: string = hostname(),
): WindowPlaces {
  const { isBesideFiles, remoteName } = facts;
  const isHereFirst = isBesideFiles && remoteName !== undefined;
  return {
    isHereListed: canBeHost(platform),
    isHereFirst,
    host: isBesideFiles ? undefined : hostOf(facts),
    hereText: textOf(isHereFirst, remoteName, name),
  };
}

function hostOf({ folders, workspaceFile }: WindowFacts): WindowsHost | undefined {
  for (const place of folders) {
    const target = targetOf(place);
    if (target) return { target, folder: place.path };
  }
  const target = workspaceFile && targetOf(workspaceFile);
  return target && { target, folder: undefined };
}

function targetOf({ scheme, authority }: Place): Target | undefined {
  return scheme === "vscode-remote" ? hostOfAuthority(authority) : undefined;
}

function textOf(isHereFirst: boolean, remoteName: string | undefined, name: string): string {
  const shown = displayText(name);
  if (isHereFirst) return l10n.t("{0}, the machine that this window works on", shown);
  if (remoteName !== undefined)
    return l10n.t("{0}, the machine in front of you, not that of this window", shown);
  return l10n.t("{0}, the machine that VS Code runs on", shown);
}
