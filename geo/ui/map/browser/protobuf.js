/**
 * A writer for protocol buffers: just the parts that the glyph format needs.
 *
 * Wire format: https://protobuf.dev/programming-guides/encoding/
 */
export class ProtobufWriter {
  constructor() {
    /** @type {(number[]|Uint8Array)[]} */
    this.parts = [];
    this.length = 0;
  }

  /** Write an unsigned integer under a field number. */
  unsigned(field, value) {
    this.#append(varint(field << 3));
    this.#append(varint(value));
    return this;
  }

  /** Write a signed integer in zigzag form under a field number. */
  signed(field, value) {
    return this.unsigned(field, value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** Write a string as UTF-8 under a field number. */
  string(field, text) {
    return this.block(field, new TextEncoder().encode(text));
  }

  /** Write bytes, or a finished message, under a field number. */
  block(field, bytes) {
    this.#append(varint((field << 3) | 2));
    this.#append(varint(bytes.length));
    this.#append(bytes);
    return this;
  }

  /** @returns {Uint8Array} what was written */
  finish() {
    const message = new Uint8Array(this.length);
    let end = 0;
    for (const part of this.parts) {
      message.set(part, end);
      end += part.length;
    }
    return message;
  }

  #append(part) {
    this.parts.push(part);
    this.length += part.length;
  }
}

/** @returns {number[]} seven bits a byte, the lowest first, a set top bit while more follow */
function varint(value) {
  const bytes = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return bytes;
}
