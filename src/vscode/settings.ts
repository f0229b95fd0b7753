import * as vscode from "vscode";
import { type TunnelBackend, usualBackends } from "../tunnel/tunnel.js";

/** The setting `runicorn.tunnel.backends`; what makes no sense is passed over, and nothing left means the usual order. */
export function tunnelBackends(): readonly TunnelBackend[] {
  const wanted = vscode.workspace.getConfiguration("runicorn").get<unknown>("tunnel.backends");
  const known = Array.isArray(wanted) ? wanted.filter(isBackend) : [];
  return known.length > 0 ? known : usualBackends;
}

function isBackend(value: unknown): value is TunnelBackend {
  return usualBackends.some((backend) => backend === value);
}
