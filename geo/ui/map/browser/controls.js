/**
 * What lies over the map: zoom and fit buttons, the legend, the scale, the attribution, the hint
 * that says how to choose a point.
 */
import { element, icon } from "./element.js";

const PLUS = "M11 5h2v6h6v2h-6v6h-2v-6H5v-2h6z";
const MINUS = "M5 11h14v2H5z";
const FRAME = "M4 9V4h5v2H6v3zM15 4h5v5h-2V6h-3zM4 15h2v3h3v2H4zM18 15h2v5h-5v-2h3z";
const TARGET =
  "M11 2h2v2.1A8 8 0 0 1 19.9 11H22v2h-2.1A8 8 0 0 1 13 19.9V22h-2v-2.1A8 8 0 0 1 4.1 13H2v-2h2.1" +
  "A8 8 0 0 1 11 4.1zm1 4a6 6 0 1 0 0 12 6 6 0 0 0 0-12zm0 3a3 3 0 1 1 0 6 3 3 0 0 1 0-6z";
const COPYRIGHT = "https://www.openstreetmap.org/copyright";

export class Controls {
  /**
   * @param {object} maplibregl
   * @param {object} map
   * @param {HTMLElement} stage
   * @param {{fit: () => void, locate: (point: [number, number]) => void}} listeners
   */
  constructor(maplibregl, map, stage, listeners) {
    this.map = map;
    this.listeners = listeners;
    this.scale = new maplibregl.ScaleControl({ maxWidth: 110 });
    map.addControl(this.scale, "bottom-right");
    this.buttons = element("div", { class: "buttons", role: "group" });
    this.legend = element("ul", { class: "legend" });
    this.attribution = element("div", { class: "attribution" });
    this.hint = element("div", { class: "map-hint", role: "status" });
    this.progress = element("div", { class: "progress", "aria-hidden": "true" });
    stage.append(this.buttons, this.legend, this.attribution, this.hint, this.progress);
    this.drawn = "";
  }

  /** Bring the controls up to date with a scene. */
  update({ areas, texts, units, picks, locates, attribution, lists, hint }) {
    this.scale.setUnit(units);
    const text = JSON.stringify([areas.legend, texts, picks, locates, attribution, lists, hint]);
    if (text === this.drawn) return;
    this.drawn = text;
    this.#showButtons(texts, locates);
    this.#showLegend(areas.legend, texts);
    const link = { href: COPYRIGHT, target: "_blank", rel: "noopener noreferrer" };
    this.attribution.replaceChildren(element("a", link, attribution));
    const coarse = matchMedia("(pointer: coarse)").matches;
    const how = picks ? (coarse ? texts.press : texts.click) : "";
    this.say(lists ? how : hint || how); // without a list its hint has no other place
  }

  /** Show that an answer is on its way. */
  busy(waiting) {
    this.progress.classList.toggle("waiting", waiting);
  }

  /** Say something over the map, as how to choose a start or that no position is known. */
  say(text) {
    this.hint.textContent = text;
  }

  #showButtons(texts, locates) {
    const button = (name, path, act) =>
      element("button", { type: "button", "aria-label": name, title: name, onclick: act }, icon(path));
    this.buttons.replaceChildren(
      button(texts.zoom_in, PLUS, () => this.map.zoomIn()),
      button(texts.zoom_out, MINUS, () => this.map.zoomOut()),
      button(texts.fit, FRAME, this.listeners.fit),
      ...(locates ? [button(texts.locate, TARGET, () => this.#locate(texts))] : []),
    );
  }

  #showLegend(entries, texts) {
    this.legend.setAttribute("aria-label", texts.legend);
    this.legend.hidden = entries.length === 0;
    this.legend.replaceChildren(
      ...entries.map(({ label, color }) => {
        const swatch = element("span", { class: "swatch" });
        swatch.style.setProperty("--swatch", color);
        return element("li", {}, swatch, label);
      }),
    );
  }

  /** Ask the browser for the position; it asks the person, and nothing is kept. */
  #locate(texts) {
    const found = ({ coords }) => this.listeners.locate([coords.longitude, coords.latitude]);
    const failed = () => this.say(texts.no_position);
    if (!navigator.geolocation) return failed();
    navigator.geolocation.getCurrentPosition(found, failed, { timeout: 10_000 });
  }
}
