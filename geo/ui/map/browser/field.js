/**
 * Signed distance fields: for each pixel, how far it is from the edge of a glyph.
 *
 * The exact distance transform is that of Felzenszwalb and Huttenlocher, "Distance Transforms of
 * Sampled Functions", Theory of Computing 8 (2012): one pass over columns, one over rows, each the
 * lower envelope of parabolas.
 */

/** Pixels over which the field falls from full to nothing, as MapLibre's shader expects. */
const RADIUS = 8;
/** The part of the field that lies inside the glyph, as MapLibre's shader expects. */
const INSIDE = 0.25;
const FAR = 1e20;

/**
 * @param {Uint8ClampedArray} pixels RGBA of a drawn glyph
 * @param {number} width
 * @param {number} height
 * @returns {Uint8Array} one byte a pixel, 191 on the edge
 */
export function distanceField(pixels, width, height) {
  const size = width * height;
  const outside = new Float64Array(size);
  const inside = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const cover = pixels[4 * i + 3] / 255; // a half-covered pixel lies on the edge
    outside[i] = cover === 0 ? FAR : Math.max(0, 0.5 - cover) ** 2;
    inside[i] = cover === 1 ? FAR : Math.max(0, cover - 0.5) ** 2;
  }
  transform(outside, width, height);
  transform(inside, width, height);
  const field = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    const distance = Math.sqrt(outside[i]) - Math.sqrt(inside[i]);
    field[i] = Math.max(0, Math.min(255, Math.round(255 * (1 - INSIDE - distance / RADIUS))));
  }
  return field;
}

/** Turn squared start values into squared distances, in place. */
function transform(grid, width, height) {
  for (let x = 0; x < width; x++) line(grid, x, width, height);
  for (let y = 0; y < height; y++) line(grid, y * width, 1, width);
}

const LONGEST = 256; // pixels; no glyph is larger
const values = new Float64Array(LONGEST);
const centers = new Int32Array(LONGEST);
const borders = new Float64Array(LONGEST + 1);

/** One line of the transform: the lower envelope of one parabola a pixel. */
function line(grid, start, stride, count) {
  for (let i = 0; i < count; i++) values[i] = grid[start + i * stride];
  let last = 0;
  centers[0] = 0;
  borders[0] = -FAR;
  borders[1] = FAR;
  for (let i = 1; i < count; i++) {
    let border = crossing(centers[last], i);
    while (border <= borders[last]) border = crossing(centers[--last], i);
    centers[++last] = i;
    borders[last] = border;
    borders[last + 1] = FAR;
  }
  for (let i = 0, k = 0; i < count; i++) {
    while (borders[k + 1] < i) k++;
    grid[start + i * stride] = values[centers[k]] + (i - centers[k]) ** 2;
  }
}

/** Where the parabola over pixel `b` begins to lie under that over pixel `a`. */
function crossing(a, b) {
  return (values[b] + b * b - values[a] - a * a) / (2 * (b - a));
}
