/**
 * Streamlit fades an element that waits for its script; a map that fades while one drags it is
 * worse than one that is a second old. The rule is scoped to elements that hold this map.
 */
const MARK = "data-crossroads-steady";

/** @param {HTMLElement} host the element that Streamlit mounted the map in */
export function keepSteady(host) {
  const container = host.closest('[data-testid="stElementContainer"]');
  container?.setAttribute(MARK, "");
  if (document.querySelector(`style[${MARK}]`)) return;
  const rule = document.createElement("style");
  rule.setAttribute(MARK, "");
  rule.textContent = `[${MARK}] { opacity: 1 !important; transition: none !important; }`;
  document.head.append(rule);
}
