/**
 * Has a selection of cells copied with the values in full, as a spreadsheet takes them: a line for each row, tabs between its
 * cells. What is selected within one cell is copied as it stands.
 */
export function copyInFull(table: HTMLElement): void {
  table.addEventListener("copy", (event) => {
    const selection = table.ownerDocument.getSelection();
    if (!selection || selection.rangeCount === 0) return;
    const selected = selection.getRangeAt(0).cloneContents();
    const rows = [...selected.querySelectorAll("tr")];
    if (rows.length === 0 && selected.querySelector("td, th") === null) return;
    for (const value of selected.querySelectorAll<HTMLElement>("[data-full]"))
      value.textContent = value.dataset["full"] ?? "";
    const textOf = (row: ParentNode): string =>
      [...row.querySelectorAll("td, th")].map((cell) => textOfCell(cell)).join("\t");
    const text = rows.length === 0 ? textOf(selected) : rows.map(textOf).join("\n");
    event.clipboardData?.setData("text/plain", text);
    event.preventDefault();
  });
}

function textOfCell(cell: Element): string {
  const parts = cell.children.length === 0 ? [cell] : [...cell.children];
  return parts.map(({ textContent }) => textContent).join(" ");
}
