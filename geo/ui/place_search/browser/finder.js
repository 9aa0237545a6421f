/**
 * A box that offers names while one types: a combobox with a listbox, as WAI-ARIA 1.2 describes it
 * (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/). Names are only ever set as text.
 */
const WAIT_MS = 80; // between two letters of a fast typist
const PIN = "M12 2a7 7 0 0 0-7 7c0 5 7 13 7 13s7-8 7-13a7 7 0 0 0-7-7zm0 4.6a2.4 2.4 0 1 1 0 4.8 2.4 2.4 0 0 1 0-4.8z";

/** @type {WeakMap<ParentNode, Finder>} */
const finders = new WeakMap();

export default function show({ parentElement, data, setTriggerValue }) {
  if (!finders.has(parentElement)) finders.set(parentElement, new Finder(parentElement));
  finders.get(parentElement).update(data, setTriggerValue);
  return () => {
    finders.get(parentElement)?.remove();
    finders.delete(parentElement);
  };
}

class Finder {
  constructor(root) {
    this.root = root;
    this.matches = [];
    this.active = -1;
    this.#build();
    this.input.addEventListener("input", () => this.#ask(WAIT_MS));
    this.input.addEventListener("keydown", (event) => this.#onKey(event));
    this.input.addEventListener("focus", () => this.input.select());
    this.input.addEventListener("blur", () => this.#close());
    // The box must keep the focus while a finger or the mouse is on the list.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.#take(Number(option.dataset.index));
    });
  }

  update(data, send) {
    const first = !this.data;
    const changed = first || this.data.value !== data.value;
    this.data = data;
    this.send = send;
    this.input.setAttribute("aria-label", data.label);
    this.list.setAttribute("aria-label", data.label);
    this.input.placeholder = data.texts.hint;
    this.input.title = data.label;
    if (changed && !(this.#hasFocus() && this.typed)) this.input.value = data.value;
  }

  remove() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.frame.remove();
  }

  #build() {
    this.input = make("input", {
      type: "text",
      role: "combobox",
      autocomplete: "off",
      autocapitalize: "off",
      spellcheck: "false",
      enterkeyhint: "search",
      maxlength: "2000",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": "names",
    });
    this.list = make("ul", { id: "names", role: "listbox", hidden: "" });
    this.voice = make("div", { class: "voice", role: "status" });
    this.frame = make("div", { class: "finder" }, pin(), this.input, this.list, this.voice);
    this.root.append(this.frame);
  }

  #hasFocus() {
    return this.input.getRootNode().activeElement === this.input;
  }

  /** Ask for names after a pause; what was asked before is forgotten. */
  #ask(wait) {
    clearTimeout(this.timer);
    this.request?.abort();
    this.typed = true;
    const text = this.input.value.trim();
    if (!text) return this.#close();
    this.asking = new Promise((resolve) => {
      this.timer = setTimeout(() => this.#fetch(text).then(resolve), wait);
    });
  }

  async #fetch(text) {
    const request = new AbortController();
    this.request = request;
    try {
      const answer = await fetch(new URL(this.data.url, document.baseURI), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ text, near: this.data.near }),
        signal: request.signal,
      });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const found = await answer.json();
      if (found.problem) this.#say(found.problem);
      else this.#offer(found, text);
    } catch (error) {
      if (error.name !== "AbortError") this.#say(this.data.texts.failed);
    }
  }

  #offer({ matches, elsewhere }, text) {
    this.matches = matches;
    this.text = text;
    const { texts } = this.data;
    if (matches.length === 0) {
      const sentence = elsewhere ? texts.elsewhere.replace("{place}", () => elsewhere) : texts.nothing;
      this.#say(sentence.replace("{text}", () => text));
    } else {
      this.list.replaceChildren(...matches.map((match, index) => option(match, index, texts.unmatched)));
      this.#open(true);
      this.#activate(0);
    }
    if (this.data.texts.web && text.length > 2 && matches[0]?.kind !== "coordinates") {
      this.list.append(webOption(this.data.texts.web, matches.length));
    }
    if (matches.length === 0) return;
    this.voice.textContent = this.data.texts.count.replace("{count}", matches.length);
  }

  /** Show a sentence where the names would be. */
  #say(sentence) {
    this.matches = [];
    this.active = -1;
    this.input.removeAttribute("aria-activedescendant");
    this.list.replaceChildren(make("li", { class: "nothing", role: "presentation" }, sentence));
    this.#open(true);
    this.voice.textContent = sentence;
  }

  #onKey(event) {
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.isComposing) return;
    if (event.key in moves) {
      event.preventDefault();
      if (this.list.hidden) this.#ask(0);
      else this.#activate(this.active + moves[event.key]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.#enter();
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.stopPropagation();
      this.#close();
    } else if (event.key === "Escape") {
      this.input.value = this.data.value;
      this.typed = false;
    }
  }

  /** Take what is lit; of a fast typist first wait for the answer to the last letter. */
  async #enter() {
    if (this.list.hidden && !this.typed) return;
    if (this.list.hidden) this.#ask(0);
    await this.asking;
    if (this.active >= 0) this.#take(this.active);
  }

  /** Take a name, or after the last one the wish to look further. */
  #take(index) {
    if (index < this.matches.length) return this.#choose(this.matches[index]);
    this.typed = false;
    this.#close();
    this.send("sought", this.text);
  }

  #choose(match) {
    if (!match) return;
    this.typed = false;
    this.input.value = this.data.empties ? "" : match.label;
    this.#close();
    const label = match.kind === "coordinates" ? "" : match.label;
    window.dispatchEvent(new Event("crossroads:start")); // a map may get ready for the answer
    this.send("found", { point: match.point, label });
  }

  #activate(index) {
    const options = [...this.list.querySelectorAll("[role=option]")];
    if (options.length === 0) return;
    this.active = (index + options.length) % options.length;
    for (const [i, one] of options.entries()) {
      one.setAttribute("aria-selected", String(i === this.active));
    }
    this.input.setAttribute("aria-activedescendant", options[this.active].id);
    options[this.active].scrollIntoView({ block: "nearest" });
  }

  #open(open) {
    this.list.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
  }

  #close() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.asking = undefined;
    this.matches = [];
    this.active = -1;
    this.input.removeAttribute("aria-activedescendant");
    this.voice.textContent = "";
    this.#open(false);
  }
}

function option({ name, label, settlement, kind, unmatched = [] }, index, lacking) {
  const where = settlement && settlement !== name ? `${kind} · ${settlement}` : kind;
  const attributes = { id: `name-${index}`, role: "option", "data-index": index, "aria-selected": "false" };
  const title = kind === "address" || kind === "coordinates" ? label : name;
  return make(
    "li",
    attributes,
    make("span", { class: "name", dir: "auto" }, title),
    make("span", { class: "kind" }, where),
    ...(unmatched.length ? [make("span", { class: "unmatched" }, lacking.replace("{words}", () => unmatched.join(" ")))] : []),
  );
}

/** The last of the options: to look on the web, which asks first. */
function webOption(text, index) {
  const attributes = { id: `name-${index}`, role: "option", "data-index": index, "aria-selected": "false" };
  return make("li", { ...attributes, class: "web" }, text);
}

function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function pin() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [name, value] of [["viewBox", "0 0 24 24"], ["aria-hidden", "true"]]) {
    svg.setAttribute(name, value);
  }
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PIN);
  path.setAttribute("fill-rule", "evenodd");
  svg.append(path);
  return svg;
}
