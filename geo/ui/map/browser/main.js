/**
 * The entry that Streamlit calls: once when the map appears, and again after each rerun or change
 * of theme. One view lives for each place in the page and is updated, never rebuilt, so a rerun
 * costs nothing and the camera stays where it is.
 */
import { adoptSheets, loadLibrary } from "./library.js";
import { View } from "./view.js";

/** @type {WeakMap<ParentNode, Promise<View>>} */
const views = new WeakMap();

/**
 * @param {object} component what Streamlit hands over
 * @param {ShadowRoot} component.parentElement
 * @param {object} component.data the scene, as `geo.ui.map.scene` describes it
 * @param {(name: string, value: object) => void} component.setTriggerValue
 * @returns {() => Promise<void>} to call when the map leaves the page
 */
export default function show(component) {
  const { parentElement, data, setTriggerValue } = component;
  const send = (event) => setTriggerValue("event", event);
  if (!views.has(parentElement)) views.set(parentElement, open(parentElement, data));
  views
    .get(parentElement)
    .then((view) => view.update(data, send))
    .catch((error) => console.error(error));
  return () => close(parentElement);
}

async function open(root, data) {
  const absolute = (url) => new URL(url, document.baseURI).href;
  const [maplibregl] = await Promise.all([
    loadLibrary(absolute(data.urls.library)),
    adoptSheets(root, data.urls.sheets.map(absolute)),
  ]);
  return new View(maplibregl, root, data);
}

async function close(root) {
  const opening = views.get(root);
  views.delete(root);
  (await opening)?.remove();
}
