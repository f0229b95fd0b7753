/** Creates an element with text, never with markup: the text may come from a host. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  className?: string,
  text?: string,
): HTMLElementTagNameMap[K];
export function element(name: string, className?: string, text?: string): HTMLElement;
export function element(name: string, className = "", text = ""): HTMLElement {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}
