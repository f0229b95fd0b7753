import type { FromRunPage } from "../../src/vscode/runPage/fromRunPage.js";
import type { RunPageTexts } from "../../src/vscode/runPage/runPageTexts.js";
import type { RunView, ShownRun } from "../../src/vscode/runPage/toRunPage.js";
import { element } from "../element.js";
import { linkButton } from "./button.js";
import { fill } from "../fill.js";

type FileAction = Extract<FromRunPage, { kind: "file" }>["action"];

/** The tab with a run's files, largest first. */
export interface Files {
  readonly panel: HTMLElement;
  show(view: RunView): void;
}

/** @param act called with the action for a file. */
export function createFiles(
  texts: RunPageTexts,
  shown: ShownRun,
  act: (path: string, action: FileAction) => void,
): Files {
  const panel = element("div", "files");
  let before = "";
  return {
    panel,
    show: ({ files, moreFiles, filesText, folder }) => {
      const now = JSON.stringify([folder, files, moreFiles]);
      if (now === before) return;
      before = now;
      const focused = (document.activeElement as HTMLElement | null)?.dataset["act"];
      if (files.length === 0) {
        panel.replaceChildren(element("p", "detail", texts.noFiles));
        return;
      }
      const table = element("table");
      const head = element("tr");
      for (const text of [texts.fileName, texts.fileSize, ""]) {
        const cell = element(text === "" ? "td" : "th", "", text);
        if (cell instanceof HTMLTableCellElement && text !== "") cell.scope = "col";
        head.append(cell);
      }
      table.append(head);
      for (const { path, name, size, isHere } of files) {
        const row = element("tr");
        // For VS Code's context menu of the row.
        row.dataset["vscodeContext"] = JSON.stringify({
          webviewSection: "runFile",
          syncId: shown.syncId,
          path: `${folder}/${path}`,
          preventDefaultContextMenuItems: true,
        });
        const open = linkButton(name, () => act(path, "open"));
        open.addEventListener("keydown", (event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) act(path, "open-to-side");
        });
        const first = element("td");
        first.append(open);
        const sizes = element("td", "size", isHere ? size : `${size}, ${texts.notHere}`);
        const last = element("td", "acts");
        const buttons = [
          open,
          linkButton(texts.openToSide, () => act(path, "open-to-side"), `${texts.openToSide}: ${name}`),
          linkButton(texts.download, () => act(path, "download"), fill(texts.downloadFile, name)),
        ];
        open.dataset["file"] = path;
        buttons.forEach(({ dataset }, place) => (dataset["act"] = JSON.stringify([place, path])));
        last.append(...buttons.slice(1));
        row.append(first, sizes, last);
        table.append(row);
      }
      const parts: HTMLElement[] = [element("p", "detail", filesText), table];
      if (moreFiles > 0) parts.push(element("p", "detail", fill(texts.more, moreFiles)));
      panel.replaceChildren(...parts);
      if (focused !== undefined)
        [...panel.querySelectorAll<HTMLElement>("[data-act]")]
          .find(({ dataset }) => dataset["act"] === focused)
          ?.focus({ preventScroll: true });
    },
  };
}
