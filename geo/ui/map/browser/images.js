/**
 * Images that the style asks for by name, drawn when they are first missed.
 *
 * - `shield|<paper>|<ink>|<border>`: a road shield that stretches to its text;
 * - `peak|<ink>`: the small triangle of a mountain;
 * - `words|<weight>|<px>|<ink>|<halo>|<text>`: a whole name, for scripts whose letters join or
 *   reorder (Arabic, Hebrew, Devanagari, Khmer...), which the browser can set and MapLibre cannot;
 * - `blank|<width>|<height>`: nothing, of a size: it keeps names from under a pin.
 */
const RATIO = 2; // drawn for sharp screens
const LINE_WIDTH_EM = 10; // where a long name wraps

/**
 * @param {object} map a MapLibre map
 * @param {string} family CSS font family of the page
 */
export function provideImages(map, family) {
  map.on("styleimagemissing", ({ id }) => {
    const [kind, ...rest] = id.split("|");
    if (!id || map.hasImage(id)) return;
    if (kind === "shield") addShield(map, id, rest);
    else if (kind === "peak") addPeak(map, id, rest);
    else if (kind === "blank") add(map, id, canvas(...rest.map(Number)));
    else if (kind === "words") addWords(map, id, rest, family);
  });
}

function canvas(width, height) {
  const sheet = document.createElement("canvas");
  sheet.width = Math.ceil(width * RATIO);
  sheet.height = Math.ceil(height * RATIO);
  const pen = sheet.getContext("2d", { willReadFrequently: true });
  pen.scale(RATIO, RATIO);
  return pen;
}

function add(map, id, pen, options = {}) {
  const { width, height } = pen.canvas;
  map.addImage(id, pen.getImageData(0, 0, width, height), { pixelRatio: RATIO, ...options });
}

function addShield(map, id, [paper, ink, border]) {
  const side = 18;
  const pen = canvas(side, side);
  pen.beginPath();
  pen.roundRect(1, 1, side - 2, side - 2, 4);
  pen.fillStyle = paper;
  pen.fill();
  pen.lineWidth = 1.2;
  pen.strokeStyle = border || ink;
  pen.stroke();
  const middle = [[6 * RATIO, 12 * RATIO]]; // the corners keep their shape
  const edge = 4 * RATIO;
  const content = [edge, 3 * RATIO, side * RATIO - edge, side * RATIO - 3 * RATIO];
  add(map, id, pen, { stretchX: middle, stretchY: middle, content });
}

function addPeak(map, id, [ink]) {
  const pen = canvas(9, 8);
  pen.beginPath();
  pen.moveTo(4.5, 1);
  pen.lineTo(8.5, 7.5);
  pen.lineTo(0.5, 7.5);
  pen.closePath();
  pen.fillStyle = ink;
  pen.fill();
  add(map, id, pen);
}

function addWords(map, id, [weight, size, ink, halo, ...text], family) {
  const px = Number(size);
  const font = `${weight} ${px}px ${family}`;
  const rows = wrap(text.join("|"), font, LINE_WIDTH_EM * px);
  const lineHeight = 1.25 * px;
  const width = Math.max(...rows.map((row) => row.width)) + 8;
  const pen = canvas(width, rows.length * lineHeight + 6);
  pen.font = font;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  pen.lineWidth = 3.5;
  pen.strokeStyle = halo;
  pen.fillStyle = ink;
  for (const paint of ["strokeText", "fillText"]) {
    rows.forEach((row, i) => pen[paint](row.text, width / 2, 3 + (i + 0.5) * lineHeight));
  }
  add(map, id, pen);
}

/** Break a name between its words so that no row grows too wide. */
function wrap(text, font, limit) {
  const pen = canvas(1, 1);
  pen.font = font;
  const rows = [];
  for (const word of text.split(" ")) {
    const longer = rows.length ? `${rows.at(-1).text} ${word}` : word;
    const width = pen.measureText(longer).width;
    if (rows.length && width <= limit) rows[rows.length - 1] = { text: longer, width };
    else rows.push({ text: word, width: pen.measureText(word).width });
  }
  return rows;
}
