/**
 * Glyphs for MapLibre, made in the browser from the page's own fonts.
 *
 * MapLibre asks for 256 characters at a time. Each is drawn on a canvas, turned into a signed
 * distance field and packed as the message of
 * https://github.com/mapbox/node-fontnik/blob/master/proto/glyphs.proto, so that no font is
 * downloaded and every script shows that the computer can show.
 */
import { distanceField } from "./field.js";
import { ProtobufWriter } from "./protobuf.js";

/** The font stacks that our styles name, and what others come nearest to by their names. */
const STACKS = {
  Regular: "400",
  Medium: "600",
  Bold: "700",
  Italic: "italic 400",
};
const EM = 24; // pixels; the size that the format is made for
const BORDER = 3; // pixels around each glyph that the format implies
const MARGIN = 3; // more of them, so that the field reaches zero and wide halos stay round
const PAD = BORDER + MARGIN;
const ASCENT = 26; // pixels from the format's top line down to the baseline
const SLICE_MS = 12; // then the page may draw a frame
const EMPTY = /[\p{Cc}\p{Cn}\p{Co}\p{Cs}\p{Cf}]/u;

/**
 * Answer `glyphs://{fontstack}/{range}`; calling it again changes nothing.
 *
 * @param {object} maplibregl
 * @param {string} family CSS font family of the page
 */
export function registerGlyphs(maplibregl, family) {
  const pencil = new Pencil(family);
  const ranges = new Map();
  maplibregl.addProtocol("glyphs", async ({ url }) => {
    if (!ranges.has(url)) ranges.set(url, pencil.range(url));
    return { data: (await ranges.get(url)).slice().buffer };
  });
}

/** Draws characters one after the other on one small canvas. */
class Pencil {
  constructor(family) {
    this.family = family;
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 4 * EM;
    this.context = canvas.getContext("2d", { willReadFrequently: true });
  }

  /** @returns {Promise<Uint8Array>} the message for one range of one font stack */
  async range(url) {
    const [, stack, first, last] = /^glyphs:\/\/([^/]+)\/(\d+)-(\d+)/.exec(url);
    const name = decodeURIComponent(stack);
    const like = Object.keys(STACKS).findLast((word) => name.includes(word));
    const font = `${STACKS[like] ?? STACKS.Regular} ${EM}px ${this.family}`;
    await document.fonts.load(font, "Aé").catch(() => []);
    const message = new ProtobufWriter().string(1, name).string(2, `${first}-${last}`);
    let pause = performance.now() + SLICE_MS;
    for (let code = Number(first); code <= Number(last); code++) {
      const text = String.fromCodePoint(code);
      this.context.font = font; // another range may have been drawn during the pause
      if (!EMPTY.test(text)) message.block(3, this.glyph(code, text));
      if (performance.now() > pause) {
        await new Promise((resolve) => setTimeout(resolve));
        pause = performance.now() + SLICE_MS;
      }
    }
    return new ProtobufWriter().block(1, message.finish()).finish();
  }

  /** @returns {Uint8Array} the message for one character */
  glyph(code, text) {
    const size = this.context.measureText(text);
    const left = Math.floor(-size.actualBoundingBoxLeft);
    const top = Math.ceil(size.actualBoundingBoxAscent);
    const width = Math.min(3 * EM, Math.ceil(size.actualBoundingBoxRight) - left);
    const height = Math.min(3 * EM, top + Math.ceil(size.actualBoundingBoxDescent));
    const glyph = new ProtobufWriter().unsigned(1, code);
    const drawn = width > 0 && height > 0;
    if (drawn) glyph.block(2, this.field(text, left, top, width + 2 * PAD, height + 2 * PAD));
    return glyph
      .unsigned(3, drawn ? width + 2 * MARGIN : 0)
      .unsigned(4, drawn ? height + 2 * MARGIN : 0)
      .signed(5, drawn ? left - MARGIN : 0)
      .signed(6, drawn ? top + MARGIN - ASCENT : 0)
      .unsigned(7, Math.round(size.width))
      .finish();
  }

  field(text, left, top, width, height) {
    this.context.clearRect(0, 0, width, height);
    this.context.fillText(text, PAD - left, PAD + top);
    return distanceField(this.context.getImageData(0, 0, width, height).data, width, height);
  }
}
