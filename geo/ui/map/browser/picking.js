/**
 * How a person chooses a point: a click with the mouse, a long press with a finger (a tap never
 * moves anything), Enter at the crosshair with the keyboard.
 */
import { element } from "./element.js";

const PRESS_MS = 550;
const PRESS_DRIFT = 9; // pixels that a resting finger may move

export class Picking {
  /**
   * @param {object} map a MapLibre map
   * @param {HTMLElement} stage the element around the map
   * @param {{pick: (point: [number, number]) => void, dismiss: () => boolean}} listeners
   *   `dismiss` closes what is open and says whether there was anything
   */
  constructor(map, stage, listeners) {
    this.map = map;
    this.stage = stage;
    this.listeners = listeners;
    this.enabled = false;
    this.pointer = "mouse";
    this.ring = element("div", { class: "press-ring", "aria-hidden": "true" });
    this.crosshair = element("div", { class: "crosshair", "aria-hidden": "true" });
    stage.append(this.crosshair);
    this.#listenToMouse();
    this.#listenToTouch();
    this.#listenToKeys();
  }

  /** Switch choosing on or off. */
  enable(enabled) {
    this.enabled = enabled;
    this.stage.classList.toggle("picks", enabled);
  }

  #listenToMouse() {
    const canvas = this.map.getCanvasContainer();
    canvas.addEventListener("pointerdown", (event) => (this.pointer = event.pointerType), true);
    this.map.on("click", (event) => {
      const first = (event.originalEvent.detail ?? 1) <= 1;
      if (this.listeners.dismiss() || !first) return;
      if (this.pointer !== "touch") this.#pick(event.lngLat);
    });
    // A double click would move the origin and then zoom away from it; the wheel zooms.
    this.map.on("dblclick", (event) => {
      if (this.enabled && this.pointer !== "touch") event.preventDefault();
    });
  }

  #listenToTouch() {
    const canvas = this.map.getCanvasContainer();
    let timer = 0;
    let start = null;
    const stop = () => {
      clearTimeout(timer);
      start = null;
      this.ring.remove();
    };
    canvas.addEventListener("pointerdown", (event) => {
      const second = start !== null;
      stop();
      if (event.pointerType !== "touch" || second || !this.enabled) return;
      if (event.target !== this.map.getCanvas()) return;
      start = this.#position(event);
      this.#showRing(start);
      timer = setTimeout(() => {
        const { x, y } = start;
        stop();
        navigator.vibrate?.(12);
        this.#pick(this.map.unproject([x, y]));
      }, PRESS_MS);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!start) return;
      const { x, y } = this.#position(event);
      if (Math.hypot(x - start.x, y - start.y) > PRESS_DRIFT) stop();
    });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, stop);
    this.map.on("zoomstart", stop);
    canvas.addEventListener("contextmenu", (event) => {
      if (this.pointer === "touch") event.preventDefault();
    });
  }

  #listenToKeys() {
    const canvas = this.map.getCanvas();
    const aim = () => {
      this.stage.classList.toggle("aiming", this.enabled && canvas.matches(":focus-visible"));
    };
    canvas.addEventListener("focus", aim);
    canvas.addEventListener("blur", aim);
    canvas.addEventListener("keydown", (event) => {
      aim();
      if (event.key === "Enter") {
        event.preventDefault();
        this.#pick(this.map.getCenter());
      }
    });
  }

  #pick(lngLat) {
    if (this.enabled) this.listeners.pick(lngLat.wrap().toArray());
  }

  #position(event) {
    const box = this.map.getCanvas().getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  #showRing({ x, y }) {
    this.ring.style.left = `${x}px`;
    this.ring.style.top = `${y}px`;
    this.stage.append(this.ring);
  }
}
