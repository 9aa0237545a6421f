/**
 * Elements of the page. Names come from OpenStreetMap and from people, so text is only ever set as
 * text: there is no way here to give an element markup.
 */

const SVG = "http://www.w3.org/2000/svg";
const SAFE_SCHEMES = new Set(["http:", "https:", "geo:", "mailto:", "tel:"]);

/**
 * @param {string} tag
 * @param {object} attributes `class`, `aria-*`, `data-*`...; null and false leave one out, and a
 *   function under `onclick` and the like listens
 * @param {...(Node|string|null|undefined|false)} children strings become text nodes
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child || child === 0));
  return node;
}

/**
 * An anchor that opens outside the app, or plain text where the address is not one to follow.
 *
 * @param {string} url
 * @param {object} attributes
 * @param {...(Node|string)} children
 */
export function outwardLink(url, attributes, ...children) {
  if (!isSafe(url)) return element("span", attributes, ...children);
  const blank = { href: url, target: "_blank", rel: "noopener noreferrer" };
  return element("a", { ...attributes, ...blank }, ...children);
}

/** @returns {boolean} whether an address is one that can do no harm here */
export function isSafe(url) {
  try {
    return SAFE_SCHEMES.has(new URL(url).protocol);
  } catch {
    return false;
  }
}

/** A small picture of one path in a box of 24 units. */
export function icon(path) {
  const svg = document.createElementNS(SVG, "svg");
  const attributes = { viewBox: "0 0 24 24", width: "20", height: "20", "aria-hidden": "true" };
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
  const shape = document.createElementNS(SVG, "path");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}
