/**
 * What is drawn on the map itself: the areas that can be reached, the route, the spider lines.
 * Their layers are part of the style; this module gives them their data.
 */

const NOTHING = { type: "FeatureCollection", features: [] };

export class Overlays {
  /** @param {object} map a MapLibre map whose style is loaded */
  constructor(map) {
    this.map = map;
    this.areasUrl = undefined;
    this.drawn = {};
    this.gone = false;
  }

  /** The map leaves the page; what is still on its way is not drawn any more. */
  remove() {
    this.gone = true;
  }

  /** Bring every overlay up to date with a scene. */
  update(data) {
    this.#areas(data.areas.url);
    this.#draw("route", data.route && [line(data.route, {})]);
    this.#draw(
      "spiders",
      data.spiders.flatMap(({ color, lines }) => lines.map((ends) => line(ends, { color }))),
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

  /** Areas are large and come by an address that ends with the session. */
  async #areas(url) {
    if (url === this.areasUrl) return;
    this.areasUrl = url;
    const areas = url ? await fetchAreas(url) : NOTHING;
    if (this.gone || url !== this.areasUrl || !areas) return;
    this.map.getSource("areas")?.setData(areas);
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

/** @returns {Promise<object|null>} null where the address has expired: the old areas then stay */
async function fetchAreas(url) {
  const options = { cache: "no-store", credentials: "same-origin" };
  const answer = await fetch(new URL(url, document.baseURI), options);
  return answer.ok ? answer.json() : null;
}
