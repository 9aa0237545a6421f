/**
 * One map with its list: owns the elements, listens to the person, and follows the scene.
 */
import { basemapStyle, isDark, prefersStillness } from "./basemap.js";
import { Cards } from "./cards.js";
import { Controls } from "./controls.js";
import { element } from "./element.js";
import { provideImages } from "./images.js";
import { FONT_FAMILY } from "./library.js";
import { Overlays } from "./overlays.js";
import { People } from "./people.js";
import { Picking } from "./picking.js";
import { Pins } from "./pins.js";
import { Popup } from "./popup.js";
import { keepSteady } from "./steady.js";

const FOOT = 54; // pixels under the map, for the line that says whose data it shows

/** Where each map stood when it left the page, so that it returns there. */
const cameras = new Map();

export class View {
  /**
   * @param {object} maplibregl
   * @param {ShadowRoot} root
   * @param {object} data the first scene
   */
  constructor(maplibregl, root, data) {
    this.maplibregl = maplibregl;
    this.root = root;
    this.list = element("section", { class: "list" });
    this.canvas = element("div", { class: "canvas" });
    this.stage = element("div", { class: "stage" }, this.canvas);
    const body = element("div", { class: "frame" }, this.list, this.stage);
    this.frame = element("div", { class: "crossroads" }, body);
    root.append(this.frame);
    this.frame.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.#dismiss()) event.stopPropagation();
    });
    this.onStart = () => this.#expect();
    window.addEventListener("crossroads:start", this.onStart); // from the box beside the map
    keepSteady(root.host ?? root);
    this.cards = new Cards(this.list, this.#listeners());
    this.overlays = new Overlays();
    this.fitId = null;
    this.data = data;
    this.ready = this.#open(data);
    this.ready.catch(() => {
      this.stage.append(element("p", { class: "no-map", role: "alert" }, data.texts.no_map));
    });
  }

  /** Follow a new scene; `send` tells Python what the person did. */
  async update(data, send) {
    this.data = data;
    this.send = send;
    this.overlays.follow(data.areas); // they are on their way while the list is made
    this.#layOut(data);
    this.cards.update(data);
    this.#choose(data.selected);
    await this.ready;
    if (data !== this.data) return; // a newer scene has come, or the map has gone
    await this.#followTheme(data);
    await this.overlays.arrive();
    if (data !== this.data) return;
    this.overlays.update(data);
    this.people.update(data);
    this.pins.update(data.cards, data.texts);
    this.controls.update(data);
    this.controls.busy(false);
    this.picking.enable(data.picks);
    this.map.getCanvas().setAttribute("aria-label", data.texts.map);
    if (data.fit.id !== this.fitId) this.#fit(this.fitId === null);
    this.#choose(data.selected);
    this.frame.dataset.ready = "true";
    this.map.once("idle", () => (this.frame.dataset.drawn = data.fit.id));
  }

  /** Take the map away for good. */
  remove() {
    window.removeEventListener("crossroads:start", this.onStart);
    this.overlays.remove();
    if (this.map) {
      const camera = { center: this.map.getCenter(), zoom: this.map.getZoom(), fitId: this.fitId };
      cameras.set(this.data.key, camera);
      this.map.remove();
    }
    this.data = null;
    this.frame.remove();
  }

  #layOut({ height, cards, heading, hint, lists }) {
    this.frame.classList.toggle("alone", !lists || !(cards.length || heading || hint));
    this.frame.style.setProperty("--height", `${height ?? this.#roomBelow()}px`);
    const dark = isDark(this.root.host ?? this.root);
    this.frame.classList.toggle("dark", dark);
  }

  /** What the window has left under the page's controls, in whole steps so that it rests. */
  #roomBelow() {
    const host = this.root.host ?? this.root;
    const scrolled = host.closest('[data-testid="stMain"]')?.scrollTop ?? 0;
    const room = window.innerHeight - host.getBoundingClientRect().top - scrolled - FOOT;
    return Math.min(960, Math.max(440, 8 * Math.floor(room / 8)));
  }

  async #open(data) {
    this.dark = isDark(this.root.host ?? this.root);
    const style = await basemapStyle(data, this.dark);
    this.tiles = data.tiles;
    const kept = cameras.get(data.key);
    this.fitId = kept?.fitId ?? null;
    this.map = new this.maplibregl.Map({
      container: this.canvas,
      style,
      ...(kept ?? { bounds: data.fit.box ?? data.region, fitBoundsOptions: this.#padding() }),
      ...restrictions(data.region),
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    provideImages(this.map, FONT_FAMILY);
    this.overlays.attach(this.map);
    this.popup = new Popup(this.maplibregl, this.map, (id) => {
      this.cards.reveal(id, { focus: true, smooth: !prefersStillness() });
    });
    this.people = new People(this.maplibregl, this.map, (point) => this.#pick(point));
    this.pins = new Pins(this.maplibregl, this.map, this.#listeners());
    this.controls = new Controls(this.maplibregl, this.map, this.stage, {
      fit: () => this.#fit(),
      locate: (point) => this.#pick(point),
    });
    this.picking = new Picking(this.map, this.stage, {
      pick: (point) => this.#pick(point),
      dismiss: () => this.#dismiss(),
    });
    await this.map.once("style.load");
  }

  #listeners() {
    return {
      hover: (id) => {
        this.cards.light(id);
        this.pins?.light(id);
      },
      select: (id) => this.#select(id === this.selected ? null : id),
      arranged: () => this.#obstruct(),
    };
  }

  #obstruct() {
    this.overlays.obstruct([...this.pins.footprints(), ...this.people.footprints()]);
  }

  /** The person chose a card or a pin, or none. */
  #select(id) {
    this.#choose(id);
    if (id !== null) {
      if (this.#listIsBeside()) this.cards.reveal(id, { smooth: !prefersStillness() });
      this.#bringIntoSight(id);
    }
    this.send({ type: "select", id });
  }

  #choose(id) {
    this.selected = id ?? null;
    this.cards.select(this.selected);
    if (!this.pins) return;
    this.pins.select(this.selected);
    const card = this.data.cards.find((one) => one.id === this.selected);
    this.popup.show(this.#listIsBeside() ? undefined : card, this.data.texts);
  }

  /** Beside the map the open card says it all; a bubble would only hide the ground. */
  #listIsBeside() {
    const [list, stage] = [this.list, this.stage].map((node) => node.getBoundingClientRect());
    return list.width > 0 && list.bottom > stage.top && list.top < stage.bottom;
  }

  #dismiss() {
    const open = this.selected !== null;
    if (open) this.#select(null);
    return open;
  }

  /** The person chose a point: the star jumps at once, the answer follows. */
  #pick(point) {
    this.people.moveOrigin(this.data.origin && point, this.data);
    this.#expect();
    this.send({ type: "pick", point });
  }

  /** A start was chosen, here or in the box: its answer is on its way. */
  #expect() {
    this.overlays.expect(this.data.areas);
    this.controls?.busy(true);
  }

  #bringIntoSight(id) {
    const card = this.data.cards.find((one) => one.id === id);
    if (!card || !this.map) return;
    const { x, y } = this.map.project(card.point);
    const { clientWidth, clientHeight } = this.canvas;
    const inside = x > 40 && x < clientWidth - 60 && y > 110 && y < clientHeight - 30;
    if (!inside) this.map.easeTo({ center: card.point, duration: prefersStillness() ? 0 : 450 });
  }

  async #followTheme(data) {
    const dark = isDark(this.root.host ?? this.root);
    if (dark === this.dark && data.tiles === this.tiles) return;
    [this.dark, this.tiles] = [dark, data.tiles];
    const style = await basemapStyle(data, dark);
    const transformStyle = (before, after) => {
      for (const name of ["areas", "route", "attendee-lines", "obstacles"]) {
        if (before?.sources[name]) after.sources[name] = before.sources[name];
      }
      return after;
    };
    this.map.setStyle(style, { diff: true, transformStyle });
    this.map.setMaxBounds(restrictions(data.region).maxBounds);
  }

  #fit(first = false) {
    this.fitId = this.data.fit.id;
    this.#resize();
    const duration = first || prefersStillness() ? 0 : 700;
    this.map.fitBounds(this.data.fit.box ?? this.data.region, { ...this.#padding(), duration });
  }

  /** The list may have come or gone since the map last looked. */
  #resize() {
    const { clientWidth, clientHeight } = this.map.getCanvas();
    const fits = clientWidth === this.canvas.clientWidth && clientHeight === this.canvas.clientHeight;
    if (!fits) this.map.resize(); // it empties the picture even where nothing changes
  }

  #padding() {
    const narrow = this.canvas.clientWidth < 560;
    const padding = narrow
      ? { top: 64, bottom: 44, left: 24, right: 60 }
      : { top: this.data.picks ? 86 : 60, bottom: 60, left: 40, right: 70 }; // clear of the hint
    return { padding, maxZoom: 15 };
  }
}

/** What a flat, north-up map of one region does not do. */
function restrictions([west, south, east, north]) {
  const [wide, high] = [east - west, north - south];
  return {
    maxBounds: [
      [Math.max(-180, west - wide), Math.max(-85, south - high)],
      [Math.min(180, east + wide), Math.min(85, north + high)],
    ],
    maxZoom: 19,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    renderWorldCopies: false,
    attributionControl: false,
    fadeDuration: prefersStillness() ? 0 : 200,
  };
}
