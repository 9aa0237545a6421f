/**
 * The ground under everything: vector tiles of the region in a style that follows the theme.
 */

const documents = new Map();

/**
 * @param {object} data the scene
 * @param {boolean} dark
 * @returns {Promise<object>} a MapLibre style whose tiles come from the scene's region
 */
export async function basemapStyle(data, dark) {
  const url = new URL(dark ? data.urls.styles.dark : data.urls.styles.light, document.baseURI).href;
  if (!documents.has(url)) documents.set(url, fetchJson(url));
  const style = structuredClone(await documents.get(url));
  const remote = /^https?:/.test(data.tiles ?? "");
  if (remote && !/\.(mvt|pbf)\b/.test(data.tiles)) return pictured(style, data.tiles, dark);
  if (data.tiles) {
    // A URL object would escape the braces of {z}/{x}/{y}.
    const tiles = [remote ? data.tiles : new URL(".", document.baseURI).href + data.tiles];
    Object.assign(style.sources.region, { tiles, bounds: data.region });
  } else {
    withoutRegion(style);
  }
  return style;
}

/** The same style on somebody else's pictures: what is ours lies over them. */
function pictured(style, url, dark) {
  withoutRegion(style);
  style.sources.pictures = { type: "raster", tiles: [url], tileSize: 256, maxzoom: 19 };
  const paint = dark ? { "raster-brightness-max": 0.55, "raster-saturation": -0.3 } : {};
  const ground = style.layers.findIndex((layer) => layer.type === "background");
  style.layers.splice(ground + 1, 0, { id: "pictures", type: "raster", source: "pictures", paint });
  return style;
}

function withoutRegion(style) {
  style.layers = style.layers.filter((layer) => layer.source !== "region");
  delete style.sources.region;
}

async function fetchJson(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`The map style is missing: ${answer.status}.`);
  return answer.json();
}

/** @type {Map<string, boolean>} */
const darkness = new Map();

/** @returns {boolean} whether Streamlit shows a dark theme around an element */
export function isDark(host) {
  const color = getComputedStyle(host).getPropertyValue("--st-background-color").trim();
  if (!darkness.has(color)) darkness.set(color, looksDark(color));
  return darkness.get(color);
}

/** Reading a pixel back may wait for all that the graphics processor has to do: once a colour. */
function looksDark(color) {
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  pen.fillStyle = color || "#ffffff";
  pen.fillRect(0, 0, 1, 1);
  const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data;
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}

/** @returns {boolean} whether the person asked for less motion */
export function prefersStillness() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
