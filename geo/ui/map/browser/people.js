/**
 * The origin, a star that can be dragged, and people, round with their initials.
 */
import { element, icon } from "./element.js";

const STAR = "M12 3.2l2.7 5.5 6 .9-4.4 4.2 1.1 6-5.4-2.8-5.4 2.8 1.1-6L3.3 9.6l6-.9z";
const CROWD = 40; // from here on people are dots

export class People {
  /**
   * @param {object} maplibregl
   * @param {object} map
   * @param {(point: [number, number]) => void} moved called when the origin was dragged
   */
  constructor(maplibregl, map, moved) {
    this.maplibregl = maplibregl;
    this.map = map;
    this.moved = moved;
    this.origin = null;
    this.markers = [];
    this.drawn = "";
  }

  /** Bring origin and people up to date with a scene. */
  update(data) {
    this.moveOrigin(data.origin, data);
    const text = JSON.stringify(data.people);
    if (text === this.drawn) return;
    this.drawn = text;
    for (const marker of this.markers) marker.remove();
    const crowd = data.people.length > CROWD ? "crowd" : "";
    this.markers = data.people.map((person) => this.#person(person, crowd));
  }

  /** Put the star somewhere, or take it away with null. */
  moveOrigin(point, { picks, texts }) {
    if (!point) {
      this.origin?.remove();
      this.origin = null;
      return;
    }
    this.origin ??= this.#star(point, texts);
    this.origin.setLngLat(point).setDraggable(picks);
    this.origin.getElement().classList.toggle("draggable", picks);
  }

  /** @returns {object[]} what stands where, for names to keep clear of */
  footprints() {
    const side = this.markers.length > CROWD ? 0 : 30;
    const people = side ? this.markers : [];
    const marks = people.map((marker) => mark(marker, side));
    return this.origin ? [mark(this.origin, 40), ...marks] : marks;
  }

  #star(point, texts) {
    const node = element("div", { class: "origin", role: "img" }, icon(STAR));
    const marker = new this.maplibregl.Marker({ element: node }).setLngLat(point).addTo(this.map);
    node.setAttribute("aria-label", texts.origin); // the library has put its own
    marker.on("dragstart", () => node.classList.add("dragging"));
    marker.on("dragend", () => {
      node.classList.remove("dragging");
      this.moved(marker.getLngLat().wrap().toArray());
    });
    return marker;
  }

  #person({ initials, color, title, point }, crowd) {
    const node = element(
      "div",
      { class: `person ${crowd}`, role: "img", title },
      crowd ? "" : initials,
    );
    node.style.setProperty("--person", color);
    const marker = new this.maplibregl.Marker({ element: node }).setLngLat(point).addTo(this.map);
    node.setAttribute("aria-label", title || initials);
    return marker;
  }
}

function mark(marker, side) {
  return { point: marker.getLngLat().toArray(), width: side, height: side, anchor: "center" };
}
