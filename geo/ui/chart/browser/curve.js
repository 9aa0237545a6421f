/**
 * A curve whose points are buttons over a drawn line. Words are only ever set as text.
 */
const SVG = "http://www.w3.org/2000/svg";
const MANY = 14; // from here on only every other number fits below the line

export default function show({ parentElement, data, setTriggerValue }) {
  const old = parentElement.querySelector(".curve");
  const focused = old?.getRootNode().activeElement?.dataset?.index;
  const fresh = draw(data, (index) => setTriggerValue("chosen", index));
  if (old) old.replaceWith(fresh);
  else parentElement.append(fresh);
  if (focused !== undefined) fresh.querySelector(`[data-index="${focused}"]`)?.focus();
}

function draw(data, choose) {
  const { marks, levels } = data;
  const [left, right] = [marks[0].x, marks.at(-1).x];
  const top = levels.at(-1)[0] || 1;
  const across = (x) => (100 * (x - left)) / (right - left || 1);
  const up = (y) => (100 * y) / top;
  const plot = make("div", { class: "plot" });
  for (const [y, text] of levels) {
    const level = make("div", { class: "level", "aria-hidden": "true" }, make("span", {}, text));
    level.style.bottom = `${up(y)}%`;
    plot.append(level);
  }
  plot.append(line(marks.map(({ x, y }) => `${across(x)},${100 - up(y)}`)));
  const every = marks.length > MANY ? 2 : 1;
  marks.forEach((mark, index) => {
    const point = make("button", {
      type: "button",
      class: `point ${mark.chosen ? "chosen" : ""} ${mark.best ? "best" : ""}`,
      title: mark.text,
      "aria-label": mark.text,
      "aria-pressed": String(mark.chosen),
      "data-index": index,
    });
    point.style.left = `${across(mark.x)}%`;
    point.style.bottom = `${up(mark.y)}%`;
    point.addEventListener("click", () => choose(index));
    plot.append(point);
    if (index % every === 0 || mark.chosen) {
      const label = make("span", { class: "tick", "aria-hidden": "true" }, mark.label);
      label.style.left = `${across(mark.x)}%`;
      plot.append(label);
    }
  });
  return make(
    "figure",
    { class: "curve", "aria-label": data.title },
    make("figcaption", {}, data.y_title),
    plot,
    make("div", { class: "axis", "aria-hidden": "true" }, data.x_title),
  );
}

function line(points) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 100 100");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "polyline");
  path.setAttribute("points", points.join(" "));
  svg.append(path);
  return svg;
}

function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}
