// The two wire types of protocol buffers that a stored event and its frames are made of, written by hand: a generated
// message per event, with its objects and its base64, was most of the cost of an append and of a read.

const VARINT = 0;
const LENGTH_DELIMITED = 2;

export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
}

/** Size of a length-delimited field (bytes, string or message) with its tag, for field numbers below 16. */
export const bytesFieldSize = (length: number): number => 1 + varintSize(length) + length;

/** Lays fields one after the other into a buffer. Field numbers are below 16: their tag is one byte. */
export class WireWriter {
  constructor(
    readonly target: Buffer,
    public offset = 0,
  ) {}

  /** The head of a length-delimited field; its `length` bytes are written next. */
  open(field: number, length: number): this {
    this.target[this.offset++] = (field << 3) | LENGTH_DELIMITED;
    this.varint(length);
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.open(field, value.length);
    this.target.set(value, this.offset);
    this.offset += value.length;
    return this;
  }

  number(field: number, value: number): this {
    this.target[this.offset++] = (field << 3) | VARINT;
    this.varint(value);
    return this;
  }

  /** A number too large for JavaScript's, as the bytes of its varint. */
  encodedNumber(field: number, varint: Uint8Array): this {
    this.target[this.offset++] = (field << 3) | VARINT;
    this.target.set(varint, this.offset);
    this.offset += varint.length;
    return this;
  }

  private varint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.target[this.offset++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.target[this.offset++] = rest;
  }
}
