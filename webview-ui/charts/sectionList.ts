import { matchesSearch, sectionsOf } from "../../src/charts/sections.js";
import { displayText } from "../../src/common/text/displayText.js";
import { element } from "../element.js";
import { ChartSlot, type SlotHost } from "./chartSlot.js";

/** Callbacks of the list to its page. */
export interface SectionHost extends SlotHost {
  /** Other charts are in view. */
  readonly seenChanged: (metrics: readonly string[]) => void;
  /** A section was closed or opened. */
  readonly sectionsChanged: () => void;
}

/** Debounce time in milliseconds for charts that come into view. */
const calm = 60;
/** `rootMargin`: draws charts shortly before they are scrolled into view. */
const margin = "300px 0px";
/** The key of the pinned section, which cannot be a prefix. */
const pinnedKey = "\0pinned";

/** A section in the page. */
interface Section {
  readonly group: HTMLElement;
  readonly list: HTMLElement;
  readonly count: HTMLElement;
  /** Shows or hides its charts. @param hasTitle a section without a title cannot be collapsed. */
  update(hasTitle: boolean): void;
}

/** All charts in sections by prefix, pinned ones first. */
export class SectionList {
  readonly element = element("div", "sections");
  readonly #slots = new Map<string, ChartSlot>();
  #sections = new Map<string, Section>();
  readonly #inView = new Set<string>();
  #observer: IntersectionObserver | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly host: SectionHost) {}

  /** Metrics that match the search, in order. */
  get shown(): readonly string[] {
    const { names, controls } = this.host.model;
    return names.map(({ metric }) => metric).filter((metric) => matchesSearch(metric, controls.filter));
  }

  /** The slots in view. */
  get open(): readonly ChartSlot[] {
    return [...this.#inView].flatMap((metric) => this.#slots.get(metric) ?? []);
  }

  isInView(metric: string): boolean {
    return this.#inView.has(metric);
  }

  slot(metric: string): ChartSlot | undefined {
    return this.#slots.get(metric);
  }

  /** Call when metrics, search or pins have changed. @returns whether any chart is shown. */
  arrange(): boolean {
    const { model } = this.host;
    const { texts } = model;
    const shown = this.shown;
    const pinned = shown.filter((metric) => model.pins.has(metric));
    const sections = sectionsOf(shown.filter((metric) => !model.pins.has(metric)));
    this.#observer ??= new IntersectionObserver((entries) => this.#see(entries), { rootMargin: margin });
    const hasTitles = pinned.length > 0 || sections.length > 1 || (sections[0]?.prefix ?? "") !== "";
    const wanted = sections.map(({ prefix, metrics }) => ({
      key: prefix,
      title: prefix === "" ? (texts?.otherMetrics ?? "") : displayText(prefix),
      metrics,
    }));
    if (pinned.length > 0) wanted.unshift({ key: pinnedKey, title: texts?.pinned ?? "", metrics: pinned });
    this.#sections = new Map(
      wanted.map(({ key, title, metrics }) => {
        const section = this.#sections.get(key) ?? this.#makeSection(key, title);
        section.count.textContent = String(metrics.length);
        section.update(hasTitles);
        place(
          section.list,
          metrics.map((metric) => this.#slotOf(metric).section),
        );
        return [key, section] as const;
      }),
    );
    place(
      this.element,
      [...this.#sections.values()].map(({ group }) => group),
    );
    const names = new Set(shown);
    for (const [metric, slot] of this.#slots) {
      if (names.has(metric)) continue;
      this.#observer.unobserve(slot.section);
      this.#inView.delete(metric);
      model.charts.delete(metric);
      this.#slots.get(metric)?.close();
      this.#slots.delete(metric);
    }
    this.#tellSeen();
    return shown.length > 0;
  }

  #makeSection(key: string, title: string): Section {
    const { model, sectionsChanged } = this.host;
    const [group, list, heading] = [element("div", "group"), element("div", "charts"), element("h2")];
    const button = element("button", "section-title");
    const count = element("span", "detail");
    button.type = "button";
    button.append(element("span", "twistie"), title, " ", count);
    const update = (hasTitle: boolean): void => {
      // A single section has a title for screen readers only, to keep the order of headings.
      if (hasTitle !== heading.contains(button) || !heading.hasChildNodes())
        heading.replaceChildren(hasTitle ? button : title);
      heading.classList.toggle("spoken", !hasTitle);
      list.hidden = hasTitle && model.collapsed.has(key);
      button.setAttribute("aria-expanded", String(!list.hidden));
    };
    button.addEventListener("click", () => {
      model.toggle("collapsed", key);
      update(true);
      sectionsChanged();
    });
    group.append(heading, list);
    return { group, list, count, update };
  }

  #slotOf(metric: string): ChartSlot {
    const present = this.#slots.get(metric);
    if (present) return present;
    const slot = new ChartSlot(metric, this.host);
    this.#slots.set(metric, slot);
    this.#observer?.observe(slot.section);
    return slot;
  }

  #see(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const metric = target instanceof HTMLElement ? (target.dataset["metric"] ?? "") : "";
      const slot = this.#slots.get(metric);
      if (!slot) continue;
      if (isIntersecting) {
        this.#inView.add(metric);
        slot.open();
      } else this.#leave(metric);
    }
    this.#tellSeen();
  }

  #tellSeen(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.host.seenChanged([...this.#inView]), calm);
  }

  /** Frees a chart that is out of view, unless it has the focus. */
  #leave(metric: string): void {
    const slot = this.#slots.get(metric);
    if (slot?.section.contains(document.activeElement) && slot.section.isConnected) return;
    this.#inView.delete(metric);
    this.host.model.charts.delete(metric);
    slot?.close();
  }
}

/** Sets the children in this order. Does not move those already in place, which would lose the focus and close menus. */
function place(parent: HTMLElement, children: readonly HTMLElement[]): void {
  const kept = new Set<Element>(children);
  for (const child of [...parent.children]) if (!kept.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const child of children) {
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
}
