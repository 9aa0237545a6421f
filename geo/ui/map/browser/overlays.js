/**
 * What is drawn on the map itself: the areas that can be reached, the route, the lines to attendees.
 * Their layers are part of the style; this module gives them their data.
 */

const NOTHING = { type: "FeatureCollection", features: [] };
const PATIENCE_MS = 250; // with areas that are on their way; then the rest is drawn without them

export class Overlays {
  constructor() {
    this.areas = { url: null, content: Promise.resolve(NOTHING) };
    this.ahead = null;
    this.shown = this.areas;
    this.drawn = {};
    this.gone = false;
  }

  /** @param {object} map the MapLibre map to draw on, before the first `update` */
  attach(map) {
    this.map = map;
  }

  /** The map leaves the page; what is still on its way is not drawn any more. */
  remove() {
    this.gone = true;
    this.ahead?.request.abort();
  }

  /** Ask for the areas of a start that was chosen just now, before the page has answered. */
  expect({ next }) {
    this.ahead?.request.abort();
    this.ahead = next ? ask(next) : null;
  }

  /** Ask for the areas of a scene. */
  follow({ url }) {
    const ahead = this.ahead;
    this.ahead = null;
    if (ahead?.url !== url) ahead?.request.abort();
    if (url !== this.areas.url) {
      const early = ahead?.url === url ? ahead.content : Promise.resolve(null);
      const content = url ? early.then((areas) => areas ?? ask(url).content) : NOTHING;
      this.areas = { url, content: Promise.resolve(content) };
    }
  }

  /**
   * Draw the areas of the scene, and wait for it, but only a little while: a camera that moves
   * before them makes the map draw twice.
   */
  async arrive() {
    const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
    await Promise.race([this.#show(this.areas), patience]);
  }

  /** Bring every other overlay up to date with a scene. */
  update(data) {
    this.#draw("route", data.route && [line(data.route, {})]);
    this.#draw(
      "attendee-lines",
      data.attendee_lines.flatMap(({ color, lines }) => lines.map((ends) => line(ends, { color }))),
    );
  }

  /**
   * Keep names from under what stands on the map as elements of the page.
   *
   * @param {{point: [number, number], width: number, height: number, anchor: string}[]} markers
   */
  obstruct(markers) {
    this.#draw(
      "obstacles",
      markers.map(({ point, ...properties }) => ({
        type: "Feature",
        properties,
        geometry: { type: "Point", coordinates: point },
      })),
    );
  }

  /** Show areas once they are here, unless others are wanted by then. */
  async #show(areas) {
    if (areas === this.shown) return;
    this.shown = areas;
    const content = await areas.content;
    if (this.gone || areas !== this.areas || !content) return; // a map that is gone has no sources
    const source = this.map.getSource("areas");
    if (!source) return;
    const read = new Promise((resolve) => source.once("data", resolve));
    source.setData(content);
    await read;
  }

  #draw(source, features) {
    const text = JSON.stringify(features ?? []);
    if (this.gone || text === this.drawn[source]) return;
    this.drawn[source] = text;
    this.map.getSource(source)?.setData({ ...NOTHING, features: features ?? [] });
  }
}

function line(coordinates, properties) {
  return { type: "Feature", properties, geometry: { type: "LineString", coordinates } };
}

/**
 * Ask for areas, which are large and come by an address that ends with the session.
 *
 * @returns {{url: string, request: AbortController, content: Promise<object|null>}} no content
 *   where the address has ended: the old areas then stay
 */
function ask(url) {
  const request = new AbortController();
  const { signal } = request;
  const options = { cache: "no-store", credentials: "same-origin", signal };
  const content = fetch(new URL(url, document.baseURI), options)
    .then((answer) => (answer.ok ? answer.json() : null))
    .catch(() => null);
  return { url, request, content };
}
