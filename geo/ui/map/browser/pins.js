/**
 * Numbered pins, one for each card; pins that would cover each other become one with a count.
 */
import { cluster, fan } from "./clusters.js";
import { element } from "./element.js";
import { prefersStillness } from "./basemap.js";

const DROP = "M15 41C15 41 2 25.5 2 15a13 13 0 0 1 26 0C28 25.5 15 41 15 41Z";
const REACH = 30; // pixels between tips under which one pin hides the other
const MANY = 60; // from here on pins keep more room, so that the ground can be seen
const MANY_REACH = 46;
const CLOSEST_ZOOM = 17; // from here on a group is fanned out instead of zoomed into

export class Pins {
  /**
   * @param {object} maplibregl
   * @param {object} map
   * @param {{hover: (id: string|null) => void, select: (id: string) => void,
   *   arranged: () => void}} listeners
   */
  constructor(maplibregl, map, listeners) {
    this.maplibregl = maplibregl;
    this.map = map;
    this.listeners = listeners;
    this.pins = new Map();
    this.selected = null;
    this.lit = null;
    this.fanned = null;
    map.on("moveend", () => this.arrange());
    map.on("zoomstart", () => (this.fanned = null));
  }

  /** Take one pin for each card, best first; `select` shows them. */
  update(cards, texts) {
    this.texts = texts;
    const kept = new Map();
    for (const card of cards) {
      const pin = this.pins.get(card.id) ?? { leader: card.id, members: [] };
      this.pins.delete(card.id);
      kept.set(card.id, Object.assign(pin, { card }));
      if (pin.marker) dress(pin, card);
    }
    for (const { marker } of this.pins.values()) marker?.remove();
    this.pins = kept;
  }

  /** Mark the pin of one card, or of none, as chosen. */
  select(id) {
    this.selected = id;
    this.arrange();
  }

  /** Light the pin of one card, or of none. */
  light(id) {
    this.lit = id;
    for (const [key, { node, leader }] of this.pins) {
      if (!node) continue;
      node.classList.toggle("lit", id !== null && (key === id || this.pins.get(id)?.leader === key));
      if (leader === key) node.style.zIndex = node.classList.contains("lit") ? 5 : "";
    }
  }

  /** Decide which pins show. */
  arrange() {
    const pins = [...this.pins.values()];
    const reach = pins.length > MANY ? MANY_REACH : REACH;
    const where = ({ card }) => this.map.project(card.point);
    const groups = cluster(pins, where, reach, ({ card }) => card.id === this.selected);
    for (const group of groups) this.#show(group);
    this.light(this.lit);
    this.listeners.arranged();
  }

  /** @returns {object[]} what stands where, for names to keep clear of */
  footprints() {
    const shown = [...this.pins.values()].filter(({ node }) => node?.isConnected);
    return shown.map(({ card }) => ({ point: card.point, width: 26, height: 40, anchor: "bottom" }));
  }

  #show(group) {
    const [best] = group;
    const open = group.length > 1 && group.some(({ card }) => card.id === this.fanned);
    const offsets = open ? fan(group.length) : [];
    group.forEach((pin, i) => {
      const shown = open || pin === best;
      pin.leader = open ? pin.card.id : best.card.id;
      pin.members = pin === best && !open ? group : [pin];
      if (!shown) return pin.marker?.remove();
      if (!pin.marker) this.#create(pin); // hundreds may be hidden: they get no element
      pin.marker.setOffset(offsets[i] ?? [0, 0]);
      pin.node.classList.toggle("selected", pin.card.id === this.selected);
      if (!pin.node.isConnected) pin.marker.addTo(this.map);
      this.#label(pin);
    });
  }

  #label(pin) {
    const more = pin.members.length - 1;
    pin.node.querySelector(".pin-count").textContent = more ? `+${more}` : "";
    const { label, title, headline } = pin.card;
    const name = [label, title, headline].filter(Boolean).join(", ");
    pin.node.setAttribute(
      "aria-label",
      more ? this.texts.more.replace("{name}", name).replace("{count}", more) : name,
    );
    pin.node.setAttribute("aria-pressed", String(pin.card.id === this.selected));
  }

  #create(pin) {
    const { id } = pin.card;
    const node = element(
      "button",
      {
        type: "button",
        class: "pin",
        onpointerenter: () => this.listeners.hover(id),
        onpointerleave: () => this.listeners.hover(null),
        onfocus: () => this.listeners.hover(id),
        onblur: () => this.listeners.hover(null),
        onclick: (event) => {
          event.stopPropagation();
          this.#press(this.pins.get(id));
        },
      },
      drop(),
      element("span", { class: "pin-label" }),
      element("span", { class: "pin-count" }),
      element("span", { class: "pin-name" }),
    );
    const marker = new this.maplibregl.Marker({ element: node, anchor: "bottom" });
    dress(Object.assign(pin, { node, marker }), pin.card);
  }

  /** A single pin is chosen; a group opens. */
  #press(pin) {
    if (pin.members.length === 1) return this.listeners.select(pin.card.id);
    const box = new this.maplibregl.LngLatBounds();
    for (const { card } of pin.members) box.extend(card.point);
    const camera = this.map.cameraForBounds(box, { padding: 90, maxZoom: CLOSEST_ZOOM });
    if (camera && camera.zoom > this.map.getZoom() + 0.2 && this.map.getZoom() < CLOSEST_ZOOM) {
      this.map.easeTo({ ...camera, duration: prefersStillness() ? 0 : 500 });
    } else {
      this.fanned = pin.card.id;
      this.arrange();
    }
  }
}

function dress({ node, marker }, { color, label, title, point }) {
  marker.setLngLat(point);
  node.style.setProperty("--pin", color);
  const number = node.querySelector(".pin-label");
  number.textContent = label;
  number.classList.toggle("long", label.length > 2);
  node.querySelector(".pin-name").textContent = title;
}

function drop() {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 30 43");
  svg.setAttribute("class", "pin-drop");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", DROP);
  svg.append(path);
  return svg;
}
