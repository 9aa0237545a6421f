/**
 * The ground under everything: vector tiles of the region in a style that follows the theme.
 */

/** @type {Map<string, Promise<object>>} */
const documents = new Map();

/**
 * @param {object} data the scene
 * @param {boolean} dark
 * @returns {Promise<object>} a MapLibre style whose tiles come from the scene's region
 */
export async function basemapStyle(data, dark) {
  const url = new URL(dark ? data.urls.styles.dark : data.urls.styles.light, document.baseURI).href;
  const style = structuredClone(await fetchOnce(url));
  const remote = /^https?:/.test(data.tiles ?? "");
  if (remote && !data.tiles.includes("{z}")) return onTheirStyle(style, data.tiles);
  if (remote && !/\.(mvt|pbf)\b/.test(data.tiles)) return onTheirPictures(style, data.tiles, dark);
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
function onTheirPictures(style, url, dark) {
  withoutRegion(style);
  style.sources.pictures = { type: "raster", tiles: [url], tileSize: 256, maxzoom: 19 };
  const paint = dark ? { "raster-brightness-max": 0.55, "raster-saturation": -0.3 } : {};
  const ground = style.layers.findIndex((layer) => layer.type === "background");
  style.layers.splice(ground + 1, 0, { id: "pictures", type: "raster", source: "pictures", paint });
  return style;
}

/**
 * The same on somebody else's style: what is ours lies between its ground and its names. Its names
 * are written in the page's own fonts, so that no others are asked for.
 */
async function onTheirStyle(style, url) {
  withoutRegion(style);
  const theirs = await fetchOnce(url).catch(() => null);
  if (!Array.isArray(theirs?.layers)) return style; // what is ours shows without a ground
  const layers = theirs.layers.map((layer) => ({
    ...layer,
    id: their(layer.id),
    ...(layer.source && { source: their(layer.source) }),
  }));
  const found = layers.findIndex((layer) => layer.type === "symbol");
  const names = found < 0 ? layers.length : found;
  const [below, above] = [[], []];
  for (const layer of style.layers) {
    if (layer.type !== "background") (layer.type === "symbol" ? above : below).push(layer);
  }
  style.layers = [...layers.slice(0, names), ...below, ...layers.slice(names), ...above];
  for (const [name, source] of Object.entries(theirs.sources ?? {})) {
    style.sources[their(name)] = located(source, url);
  }
  if (typeof theirs.sprite === "string") style.sprite = absolute(theirs.sprite, url);
  return style;
}

/** A name of theirs that is none of ours. */
function their(name) {
  return `their ${name}`;
}

/** A source whose addresses stand by themselves; in a style they may count from its own. */
function located(source, base) {
  const found = { ...source };
  if (found.url) found.url = absolute(found.url, base);
  if (found.tiles) found.tiles = found.tiles.map((one) => absolute(one, base));
  if (typeof found.data === "string") found.data = absolute(found.data, base);
  return found;
}

function absolute(address, base) {
  return new URL(address, base).href.replaceAll("%7B", "{").replaceAll("%7D", "}");
}

function withoutRegion(style) {
  style.layers = style.layers.filter((layer) => layer.source !== "region");
  delete style.sources.region;
}

/** What could not be had is asked for again the next time. */
function fetchOnce(url) {
  if (!documents.has(url)) {
    documents.set(url, fetchJson(url));
    documents.get(url).catch(() => documents.delete(url));
  }
  return documents.get(url);
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
