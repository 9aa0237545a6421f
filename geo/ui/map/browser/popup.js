/**
 * The bubble over the chosen pin: its name and drive, and a way to its card.
 */
import { element } from "./element.js";

export class Popup {
  /**
   * @param {object} maplibregl
   * @param {object} map
   * @param {(id: string) => void} details called when the person asks for the card
   */
  constructor(maplibregl, map, details) {
    this.map = map;
    this.details = details;
    this.bubble = new maplibregl.Popup({
      closeButton: false,
      closeOnClick: false,
      focusAfterOpen: false,
      offset: 44,
      maxWidth: "260px",
      className: "bubble",
    });
  }

  /** Show one card's bubble, or none. */
  show(card, texts) {
    if (!card) {
      this.bubble.remove();
      return;
    }
    const content = element(
      "div",
      { class: "bubble-body" },
      element("strong", { dir: "auto" }, card.title),
      element("span", {}, [card.headline, card.status.text].filter(Boolean).join(" · ")),
      element("button", { type: "button", onclick: () => this.details(card.id) }, texts.details),
    );
    this.bubble.setLngLat(card.point).setDOMContent(content);
    if (!this.bubble.isOpen()) this.bubble.addTo(this.map);
  }
}
