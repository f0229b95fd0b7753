import { matchesSearch, sectionsOf } from "../../src/charts/sections.js";
import { displayText } from "../../src/common/text/displayText.js";
import { element } from "../element.js";
import { ChartSlot, type SlotHost } from "./chartSlot.js";

/** What the list asks of the page around it. */
export interface SectionHost extends SlotHost {
  /** The charts in view are others. */
  readonly seenChanged: (metrics: readonly string[]) => void;
  /** A section was closed or opened. */
  readonly sectionsChanged: () => void;
}

/** Milliseconds in which several charts that come into view are one. */
const calm = 60;
/** How far beyond the view charts are drawn. */
const margin = "300px 0px";
/** No beginning of a name. */
const pinnedKey = "\0pinned";

/** A section in the page. */
interface Section {
  readonly group: HTMLElement;
  readonly list: HTMLElement;
  readonly count: HTMLElement;
  /** Shows or hides its charts as a person left it. @param hasTitle without one it cannot be closed. */
  update(hasTitle: boolean): void;
}

/** All charts, in sections by the beginnings of their names; those that are pinned first. */
export class SectionList {
  readonly element = element("div", "sections");
  readonly #slots = new Map<string, ChartSlot>();
  #sections = new Map<string, Section>();
  readonly #inView = new Set<string>();
  #observer: IntersectionObserver | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly host: SectionHost) {}

  /** Metrics that the search leaves, in their order. */
  get shown(): readonly string[] {
    const { names, controls } = this.host.model;
    return names.map(({ metric }) => metric).filter((metric) => matchesSearch(metric, controls.filter));
  }

  /** Those that are drawn now. */
  get open(): readonly ChartSlot[] {
    return [...this.#inView].flatMap((metric) => this.#slots.get(metric) ?? []);
  }

  isInView(metric: string): boolean {
    return this.#inView.has(metric);
  }

  slot(metric: string): ChartSlot | undefined {
    return this.#slots.get(metric);
  }

  /** After other metrics, another search, or other pins. @returns whether any chart is left. */
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
      // The only section has a title for whoever hears the page, as its charts stand below one.
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

  /** What is out of view takes no memory; a chart with the keyboard in it stays. */
  #leave(metric: string): void {
    const slot = this.#slots.get(metric);
    if (slot?.section.contains(document.activeElement) && slot.section.isConnected) return;
    this.#inView.delete(metric);
    this.host.model.charts.delete(metric);
    slot?.close();
  }
}

/** Makes these the children, in this order. What stands where it should is not touched: it would lose the focus and its menu. */
function place(parent: HTMLElement, children: readonly HTMLElement[]): void {
  const kept = new Set<Element>(children);
  for (const child of [...parent.children]) if (!kept.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const child of children) {
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
}
