import { element } from "../element.js";

/** A tab with its panel. */
export interface TabOf<Id extends string> {
  readonly id: Id;
  readonly label: string;
  readonly panel: HTMLElement;
}

/** ARIA tabs. The toolkit's nest two tab lists, which screen readers announce twice. */
export interface Tabs<Id extends string> {
  /** The list of tabs; the panels stand below it. */
  readonly list: HTMLElement;
  select(id: Id): void;
}

/** @param onSelect called for every selected tab, also after `select`. */
export function createTabs<Id extends string>(
  label: string,
  tabs: readonly TabOf<Id>[],
  onSelect: (id: Id) => void,
): Tabs<Id> {
  const list = element("div", "tabs");
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", label);
  const buttons = tabs.map(({ id, label: text, panel }) => {
    const button = element("button", "tab", text);
    button.id = `tab-${id}`;
    button.dataset["tab"] = id;
    button.setAttribute("role", "tab");
    button.setAttribute("aria-controls", `panel-${id}`);
    panel.id = `panel-${id}`;
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", button.id);
    button.addEventListener("click", () => select(id));
    return button;
  });
  list.append(...buttons);
  const select = (wanted: Id): void => {
    tabs.forEach(({ id, panel }, index) => {
      const isSelected = id === wanted;
      buttons[index]?.setAttribute("aria-selected", String(isSelected));
      if (buttons[index]) buttons[index].tabIndex = isSelected ? 0 : -1;
      panel.hidden = !isSelected;
    });
    onSelect(wanted);
  };
  const places: Readonly<Record<string, (at: number) => number>> = {
    ArrowRight: (at) => (at + 1) % tabs.length,
    ArrowLeft: (at) => (at + tabs.length - 1) % tabs.length,
    Home: () => 0,
    End: () => tabs.length - 1,
  };
  list.addEventListener("keydown", (event) => {
    const at = buttons.findIndex((button) => button === document.activeElement);
    const to = places[event.key]?.(at);
    const next = to === undefined ? undefined : tabs[to];
    if (at < 0 || to === undefined || !next) return;
    event.preventDefault();
    select(next.id);
    buttons[to]?.focus();
  });
  return { list, select };
}
