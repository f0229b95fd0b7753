import * as vscode from "vscode";
import type { App } from "../../app.js";
import { viewIds } from "../kit/viewIds.js";
import type { TreeNode } from "./nodes.js";
import { placeOf } from "./placeOf.js";

/** The MIME type of items dragged from this view. */
const dragged = `application/vnd.code.tree.${viewIds.connections}`;

/** Sorts and groups saved connections by drag and drop: a connection dropped on another takes its position. */
export function dragConnections(app: () => Promise<App>): vscode.TreeDragAndDropController<TreeNode> {
  return {
    dragMimeTypes: [dragged],
    dropMimeTypes: [dragged],
    handleDrag: (nodes, transfer) => {
      const ids = nodes.flatMap(({ data }) =>
        data.kind === "connection" && data.saved ? [data.saved.id] : [],
      );
      if (ids.length > 0) transfer.set(dragged, new vscode.DataTransferItem(ids));
    },
    handleDrop: async (target, transfer) => {
      const ids: unknown = transfer.get(dragged)?.value;
      const place = placeOf(target?.data);
      if (!Array.isArray(ids) || !place) return;
      const [{ savedConnections }, { put }] = await Promise.all([app(), import("../../connectionOrder.js")]);
      await savedConnections.changeAll((all) => put(all, ids.filter(isText), place));
    },
  };
}

function isText(one: unknown): one is string {
  return typeof one === "string";
}
