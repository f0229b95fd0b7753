import type { Ui } from "../kit/ui.js";
import type { Openings } from "../viewers/viewerPanel.js";
import { connectionTo, openViewerAt } from "./openLastViewer.js";
import { openViewer } from "./openViewer.js";

/** How a panel opens a viewer in itself. */
export function createOpenings(ui: Ui): Openings {
  return {
    again: (place, progress, attended) => openViewerAt(ui, place, { progress, attended }),
    asking: async (place, progress) => {
      const connection = await connectionTo(ui, place.target, { progress });
      return openViewer(ui, connection, progress, place);
    },
  };
}
