const namespace = "http://www.w3.org/2000/svg";

/** SVG paths for a 16 × 16 viewBox, stroked. */
const shapes = {
  running: "M8 1.8a6.2 6.2 0 1 1 0 12.4a6.2 6.2 0 0 1 0-12.4ZM6.5 5.2l4.2 2.8l-4.2 2.8Z",
  finished: "M8 1.8a6.2 6.2 0 1 1 0 12.4a6.2 6.2 0 0 1 0-12.4ZM5.2 8.2l2 2l3.8-4.2",
  failed: "M8 1.8a6.2 6.2 0 1 1 0 12.4a6.2 6.2 0 0 1 0-12.4ZM5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4",
  interrupted: "M8 1.8a6.2 6.2 0 1 1 0 12.4a6.2 6.2 0 0 1 0-12.4ZM3.7 3.7l8.6 8.6",
  unknown:
    "M8 1.8a6.2 6.2 0 1 1 0 12.4a6.2 6.2 0 0 1 0-12.4ZM5.8 6.4a2.2 2.2 0 1 1 2.9 2.1c-.5.2-.7.5-.7 1M8 11.6v.2",
  ascending: "M8 13V3.5M4 7.2l4-4l4 4",
  descending: "M8 3v9.5M4 8.8l4 4l4-4",
  open: "M3.5 6l4.5 4.5L12.5 6",
  closed: "M6 3.5l4.5 4.5L6 12.5",
  best: "M8 2l1.8 3.9l4.2.5l-3.1 2.9l.8 4.2L8 11.4l-3.7 2.1l.8-4.2L2 6.4l4.2-.5Z",
} as const;

export type IconName = keyof typeof shapes;

/** Creates a decorative icon, hidden from screen readers. */
export function icon(name: IconName, className = ""): SVGElement {
  const svg = document.createElementNS(namespace, "svg");
  const path = document.createElementNS(namespace, "path");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", `icon icon-${name} ${className}`.trim());
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", shapes[name]);
  svg.append(path);
  return svg;
}

export function statusIcon(status: string): SVGElement {
  return icon(status in shapes && status !== "best" ? (status as IconName) : "unknown", "status");
}
