import type { Page } from "playwright-core";

/** What the extension and the window say to each other about a tree. */
export interface TreeTraffic {
  /** Times that the window was told of changes. */
  refreshes: number;
  /** Rows that it was told of; all of them count as none. */
  rows: string[];
  /** Rows below which it asked; "" for the roots. */
  asked: string[];
}

export interface TreeListener {
  /** What was said since the last `reset`. */
  readonly now: TreeTraffic;
  /** All rows whose tooltip the window has asked for. */
  readonly tooltips: readonly string[];
  reset(): void;
}

/** Listens to the windows that the page opens from now on. */
export function listenToTree(page: Page, viewId: string): TreeListener {
  let now = nothing();
  const tooltips: string[] = [];
  const argumentsOf = (frame: string, method: string): unknown[][] =>
    frame
      .split(`$${method}`)
      .slice(1)
      .flatMap((rest) => {
        const start = rest.indexOf(`["${viewId}"`);
        if (start < 0 || start > longestHead) return [];
        const parsed = jsonAt(rest.slice(start));
        return Array.isArray(parsed) ? [parsed] : [];
      });
  page.on("websocket", (socket) => {
    socket.on("framereceived", ({ payload }) => {
      for (const [, rows] of argumentsOf(payload.toString(), "refresh")) {
        now.refreshes += 1;
        now.rows.push(...Object.keys(rows ?? {}));
      }
    });
    socket.on("framesent", ({ payload }) => {
      const frame = payload.toString();
      for (const [, handles] of argumentsOf(frame, "getChildren"))
        now.asked.push(...((handles as string[] | null | undefined) ?? [""]));
      for (const [, handle] of argumentsOf(frame, "resolve")) tooltips.push(String(handle));
    });
  });
  return {
    get now() {
      return now;
    },
    tooltips,
    reset: () => {
      now = nothing();
    },
  };
}

/** Bytes between the name of a method and its arguments. */
const longestHead = 16;

function nothing(): TreeTraffic {
  return { refreshes: 0, rows: [], asked: [] };
}

/** The JSON at the beginning of a text in which something else may follow. */
function jsonAt(text: string): unknown {
  // What frames hold beside JSON begins with a control character, which JSON never holds.
  const [json = ""] = text.split(/[\u0000-\u001f]/);
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
