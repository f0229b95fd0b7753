import { writePiece } from "../../runs/query/parseQuery.js";
import type { RunNode, RunNodeData } from "../runs/runNodes.js";
import type { NodeData, TreeNode } from "../sideBar/nodes.js";

/** The filter for the runs of a tree item; undefined if it has none. */
export function filterOf(argument: unknown): string | undefined {
  if (typeof argument !== "object" || argument === null || !("data" in argument)) return undefined;
  const { data } = argument as RunNode | TreeNode;
  return typeof data === "object" && data !== null ? filterOfData(data) : undefined;
}

function filterOfData(data: RunNodeData | NodeData): string | undefined {
  switch (data.kind) {
    case "sync":
      return rootFilter(data.sync.host, data.sync.root);
    case "runGroup":
      return data.runs[0] && `path:${writePiece(data.runs[0].path)}`;
    case "run":
      return `path:${writePiece(data.run.path)}`;
    case "connection":
      return `host:${writePiece(data.target.host)}`;
    case "session":
      return rootFilter(data.session.host, data.session.root);
    default:
      return undefined;
  }
}

function rootFilter(host: string, root: string): string {
  return `host:${writePiece(host)} root:${writePiece(root)}`;
}
