/**
 * The list beside the map: one card for each pin, which opens to its details when it is chosen.
 */
import { element, outwardLink } from "./element.js";

const FIRST = 30; // more than fit a screen
const GOING_MS = 5000; // until the button of the first answer is taken away

export class Cards {
  /**
   * @param {HTMLElement} host the element that holds the list
   * @param {{hover: (id: string|null) => void, select: (id: string) => void}} listeners
   */
  constructor(host, listeners) {
    this.host = host;
    this.listeners = listeners;
    this.drawn = "";
    this.selected = null;
  }

  /** Bring the list up to date with a scene. */
  update({ heading, hint, cards, texts }) {
    const text = JSON.stringify([heading, hint, cards]);
    if (text === this.drawn) return;
    this.drawn = text;
    this.texts = texts;
    cancelIdleCallback(this.rest ?? 0);
    const isNew = this.byId?.size === 0 && cards.length > 0;
    const focused = this.host.getRootNode().activeElement?.closest?.(".card")?.dataset.id;
    this.byId = new Map(cards.map((card) => [card.id, card]));
    const first = cards.slice(0, FIRST).map((card) => this.#card(card));
    const list = element("ol", { class: "cards" }, ...first);
    if (cards.length > FIRST) {
      this.rest = whenIdle(() => this.#append(list, cards.slice(FIRST)));
    }
    this.host.replaceChildren(
      ...[
        heading && element("h2", { class: "heading", tabindex: "-1" }, heading),
        hint && element("p", { class: "hint" }, hint),
        cards.length > 0 && list,
      ].filter(Boolean),
    );
    this.select(this.selected);
    if (focused) this.#find(focused)?.querySelector("button").focus({ preventScroll: true });
    if (isNew) this.#takeFocus();
  }

  /**
   * The button that brought the first answer goes, and the focus with it: it goes on here. Whether
   * the button or the answer is first is up to Streamlit and to how busy the browser is.
   */
  #takeFocus() {
    const holder = document.activeElement;
    const observer = new MutationObserver(() => holder.isConnected || take());
    const take = () => {
      observer.disconnect();
      if (document.activeElement !== document.body) return;
      this.host.querySelector(".heading")?.focus({ preventScroll: true });
    };
    if (holder === document.body) return take();
    observer.observe(document.body, { childList: true, subtree: true });
    setTimeout(() => observer.disconnect(), GOING_MS);
  }

  /** The cards far down a long list wait until the browser has time. */
  #append(list, cards) {
    this.rest = 0;
    list.append(...cards.map((card) => this.#card(card)));
    this.select(this.selected);
  }

  /** Light the card of one pin, or of none. */
  light(id) {
    for (const card of this.host.querySelectorAll(".card")) {
      card.classList.toggle("lit", card.dataset.id === id);
    }
  }

  /** Open one card, or none. */
  select(id) {
    this.selected = id;
    for (const card of this.host.querySelectorAll(".card")) {
      const chosen = card.dataset.id === id;
      card.classList.toggle("selected", chosen);
      card.querySelector(".card-main").setAttribute("aria-expanded", String(chosen));
      const more = card.querySelector(".card-more");
      more.hidden = !chosen;
      if (chosen && !more.hasChildNodes()) more.append(...this.#details(this.byId.get(id)));
    }
  }

  /** Scroll a card into sight, and give it the focus where asked. */
  reveal(id, { focus = false, smooth = true } = {}) {
    const card = this.#find(id);
    card?.scrollIntoView({ block: "nearest", behavior: smooth ? "smooth" : "auto" });
    if (focus) card?.querySelector(".card-main").focus({ preventScroll: true });
  }

  #find(id) {
    return [...this.host.querySelectorAll(".card")].find((card) => card.dataset.id === id);
  }

  #card(card) {
    const node = element(
      "li",
      {
        class: "card",
        "data-id": card.id,
        onpointerenter: () => this.listeners.hover(card.id),
        onpointerleave: () => this.listeners.hover(null),
      },
      this.#main(card),
      this.#facts(card),
      element("div", { class: "card-more", hidden: true }),
    );
    node.style.setProperty("--pin", card.color);
    return node;
  }

  #main(card) {
    return element(
      "button",
      {
        type: "button",
        class: "card-main",
        "aria-expanded": "false",
        onclick: () => this.listeners.select(card.id),
        onfocus: () => this.listeners.hover(card.id),
        onblur: () => this.listeners.hover(null),
      },
      element("span", { class: "card-number", "aria-hidden": "true" }, card.label),
      element(
        "span",
        { class: "card-name" },
        element("span", { class: "card-title", dir: "auto" }, card.title),
        element("span", { class: "card-kind" }, card.kind),
      ),
      element(
        "span",
        { class: "card-drive" },
        card.headline && element("strong", {}, card.headline),
        card.detail && element("small", {}, card.detail),
      ),
    );
  }

  #facts(card) {
    const status = card.status;
    const chips = card.facts.map((fact) => element("li", { class: "chip" }, fact));
    const drives = card.drives.map(({ initials, color, text, title }) => {
      const badge = element("span", { class: "badge", title }, initials);
      badge.style.setProperty("--person", color);
      return element("li", { class: "drive" }, badge, text);
    });
    return element(
      "div",
      { class: "card-facts" },
      status.text && element("span", { class: `status ${status.tone}` }, status.text),
      drives.length > 0 && element("ul", { class: "drives" }, ...drives),
      chips.length > 0 && element("ul", { class: "chips" }, ...chips),
    );
  }

  /** What only an open card shows; made when it first opens. */
  #details(card) {
    const notes = card.notes.map((note) => element("p", {}, note));
    const links = card.links.map(([label, url]) =>
      element("li", {}, outwardLink(url, { class: "link" }, label)),
    );
    return links.length > 0 ? [...notes, element("ul", { class: "links" }, ...links)] : notes;
  }
}

/** Safari has no idle callbacks yet. */
const whenIdle = window.requestIdleCallback ?? ((task) => setTimeout(task, 60));
const cancelIdleCallback = window.cancelIdleCallback ?? clearTimeout;
