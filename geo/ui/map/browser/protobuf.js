/**
 * A writer for protocol buffers: just the parts that the glyph format needs.
 *
 * Wire format: https://protobuf.dev/programming-guides/encoding/
 */
export class ProtobufWriter {
  constructor() {
    /** @type {number[]} */
    this.bytes = [];
  }

  /** Write an unsigned integer under a field number. */
  unsigned(field, value) {
    this.#varint(field << 3);
    this.#varint(value);
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
    this.#varint((field << 3) | 2);
    this.#varint(bytes.length);
    for (const byte of bytes) this.bytes.push(byte);
    return this;
  }

  /** @returns {Uint8Array} what was written */
  finish() {
    return Uint8Array.from(this.bytes);
  }

  #varint(value) {
    let rest = value;
    while (rest > 0x7f) {
      this.bytes.push((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.bytes.push(rest);
  }
}
