/**
 * Gives an element the children of another one. Keeps unchanged nodes, and with them focus, selection and the position of
 * screen readers.
 */
export function morph(present: Element, wanted: Element): void {
  const children = [...wanted.childNodes];
  for (const [index, child] of children.entries()) {
    const before = present.childNodes[index];
    if (!before) present.append(child);
    else if (before.nodeName !== child.nodeName) before.replaceWith(child);
    else if (before instanceof Element && child instanceof Element) {
      takeAttributes(before, child);
      morph(before, child);
    } else if (before.nodeValue !== child.nodeValue) before.nodeValue = child.nodeValue;
  }
  while (present.childNodes.length > children.length) present.lastChild?.remove();
}

function takeAttributes(present: Element, wanted: Element): void {
  for (const { name } of [...present.attributes])
    if (!wanted.hasAttribute(name)) present.removeAttribute(name);
  for (const { name, value } of wanted.attributes)
    if (present.getAttribute(name) !== value) present.setAttribute(name, value);
}
