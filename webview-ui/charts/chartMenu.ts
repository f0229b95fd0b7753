import { element } from "../element.js";

/** A menu item. */
export interface MenuItem {
  readonly label: string;
  /** For items that toggle something. */
  readonly isChecked?: boolean;
  readonly choose: () => void;
}

/** Creates a button that opens a menu below it. @param items called when it opens. */
export function menuButton(text: string, name: string, items: () => readonly MenuItem[]): HTMLElement {
  const holder = element("span", "menu-holder");
  const button = element("button", "plain", text);
  button.type = "button";
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-label", name);
  button.title = name;
  holder.append(button);
  let menu: HTMLElement | undefined;

  const close = (): void => {
    // Removing the menu moves the focus, which calls this again.
    const closed = menu;
    menu = undefined;
    closed?.remove();
    button.setAttribute("aria-expanded", "false");
  };
  const open = (): void => {
    menu = menuOf(name, items(), () => {
      close();
      button.focus();
    });
    holder.append(menu);
    button.setAttribute("aria-expanded", "true");
    // Open to the other side if it would exceed the left edge.
    if (menu.getBoundingClientRect().left < 0) Object.assign(menu.style, { left: "0", right: "auto" });
    menu.querySelector("button")?.focus();
  };
  button.addEventListener("click", () => (menu ? close() : open()));
  holder.addEventListener("focusout", ({ relatedTarget }) => {
    if (menu && !(relatedTarget instanceof Node && holder.contains(relatedTarget))) close();
  });
  return holder;
}

function menuOf(name: string, items: readonly MenuItem[], close: () => void): HTMLElement {
  const menu = element("div", "menu");
  menu.setAttribute("role", "menu");
  menu.setAttribute("aria-label", name);
  const buttons = items.map(({ label, isChecked, choose }) => {
    const item = element("button", "", label);
    item.type = "button";
    item.tabIndex = -1;
    item.setAttribute("role", isChecked === undefined ? "menuitem" : "menuitemcheckbox");
    if (isChecked !== undefined) item.setAttribute("aria-checked", String(isChecked));
    item.addEventListener("click", () => {
      close();
      choose();
    });
    return item;
  });
  menu.append(...buttons);
  menu.addEventListener("keydown", (event) => {
    const at = buttons.findIndex((item) => item === document.activeElement);
    const places: Readonly<Record<string, number>> = {
      ArrowDown: (at + 1) % buttons.length,
      ArrowUp: (at + buttons.length - 1) % buttons.length,
      Home: 0,
      End: buttons.length - 1,
    };
    const place = places[event.key];
    if (event.key === "Escape") close();
    else if (place !== undefined) buttons[place]?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return menu;
}
