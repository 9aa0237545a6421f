/**
 * MapLibre GL itself, loaded once for the page from the app's own server.
 *
 * The library is a classic script that sets a global; the component's styles are fetched once and
 * given to each shadow root as a constructed sheet, so that nothing flashes unstyled.
 */
import { registerGlyphs } from "./glyphs.js";

/** The face that labels and markers are set in; it comes with Streamlit. */
export const FONT_FAMILY = '"Source Sans", "Noto Sans", sans-serif';

let library;
const sheets = new Map();

/**
 * @param {string} url absolute address of maplibre-gl.js
 * @returns {Promise<object>} the `maplibregl` namespace
 */
export function loadLibrary(url) {
  library ??= new Promise((resolve, reject) => {
    if (window.maplibregl) return resolve(window.maplibregl);
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => resolve(window.maplibregl);
    script.onerror = () => reject(new Error("The map library could not be loaded."));
    document.head.append(script);
  }).then((maplibregl) => {
    registerGlyphs(maplibregl, FONT_FAMILY);
    return maplibregl;
  });
  return library;
}

/**
 * Give a shadow root its style sheets.
 *
 * @param {ShadowRoot} root
 * @param {string[]} urls absolute addresses of CSS files
 */
export async function adoptSheets(root, urls) {
  for (const url of urls) {
    if (!sheets.has(url)) sheets.set(url, fetchSheet(url));
  }
  root.adoptedStyleSheets = await Promise.all(urls.map((url) => sheets.get(url)));
}

async function fetchSheet(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`A style sheet is missing: ${answer.status}.`);
  return new CSSStyleSheet().replace(await answer.text());
}
