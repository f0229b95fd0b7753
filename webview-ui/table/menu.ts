import { element } from "../element.js";

/** A menu item. */
export interface MenuItem {
  readonly label: string;
  readonly run: () => void;
}

/** Shows a menu and focuses it. @param giveBack called when it closes, unless the focus went elsewhere. */
export function showMenu(
  items: readonly MenuItem[],
  { x, y }: { readonly x: number; readonly y: number },
  label: string,
  giveBack: () => void,
): void {
  const menu = element("div", "menu");
  menu.setAttribute("role", "menu");
  menu.setAttribute("aria-label", label);
  const entries = items.map(({ label: text, run }) => {
    const entry = element("button", "", text);
    entry.setAttribute("role", "menuitem");
    entry.tabIndex = -1;
    entry.addEventListener("click", () => {
      close();
      run();
    });
    return entry;
  });
  menu.append(...entries);
  let isOpen = true;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    menu.remove();
    giveBack();
  };
  menu.addEventListener("keydown", (event) => {
    const at = entries.findIndex((entry) => entry === document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) entries.at(to % entries.length)?.focus();
    else if (event.key === "Escape" || event.key === "Tab") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  menu.addEventListener("focusout", ({ relatedTarget }) => {
    if (isOpen && !(relatedTarget instanceof Node && menu.contains(relatedTarget))) {
      isOpen = false;
      menu.remove();
    }
  });
  document.body.append(menu);
  const { offsetWidth, offsetHeight } = menu;
  menu.style.left = `${Math.max(0, Math.min(x, document.documentElement.clientWidth - offsetWidth - 4))}px`;
  menu.style.top = `${Math.max(0, Math.min(y, document.documentElement.clientHeight - offsetHeight - 4))}px`;
  entries[0]?.focus();
}
